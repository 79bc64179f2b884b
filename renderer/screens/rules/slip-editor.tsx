import { Button, Switch } from '@mantine/core';
import { IconPhoto, IconTrash } from '@tabler/icons-react';
import { useId, useRef, useState } from 'react';
import type { SlipDesign } from '../../../shared/slip-design.ts';
import type { SlipKind } from '../../../shared/slip-layouts.ts';
import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { readLogo } from '../../rules/logo-file.ts';
import { isShown, linesOf, optionalParts, withPart } from '../../rules/slip-edit.ts';
import fields from './rules-fields.module.css';
import { Group } from './rules-fields.tsx';
import classes from './slip-editor.module.css';
import { SlipPreviewPane } from './slip-preview-pane.tsx';
import { useRules } from './use-rules.ts';

const SPOKEN = ['store', 'customer', 'both'] as const;

/** How the store's slips look, with one of them beside it as it would be printed. */
export function SlipEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const [kind, setKind] = useState<SlipKind>('redemption');
  const design = draft.slipDesign;
  const change = (next: (before: SlipDesign) => SlipDesign) =>
    update((before) => ({ ...before, slipDesign: next(before.slipDesign) }));
  return (
    <div className={classes.columns}>
      <div className={classes.form}>
        <Logo design={design} onChange={(logo) => change((before) => ({ ...before, logo }))} />
        <Group title={t('rules.slipWords')}>
          <Lines
            place="slipDesign.header"
            label={t('rules.slipHeader')}
            help={t('rules.slipHeaderHelp')}
            lines={design.header}
            onChange={(header) => change((before) => ({ ...before, header }))}
          />
          <Lines
            place="slipDesign.footer"
            label={t('rules.slipFooter')}
            help={t('rules.slipFooterHelp')}
            lines={design.footer}
            onChange={(footer) => change((before) => ({ ...before, footer }))}
          />
        </Group>
        <Group title={t('rules.slipLanguage')} help={t('rules.slipLanguageHelp')}>
          <Choice
            label={t('rules.slipLanguage')}
            value={design.language}
            options={SPOKEN.map((value) => ({ value, text: t(`rules.slipLanguageIs.${value}`) }))}
            onChange={(language) => change((before) => ({ ...before, language }))}
          />
        </Group>
        <Group
          title={`${t('rules.slipParts')}: ${t(`rules.slipKind.${kind}`)}`}
          help={t('rules.slipPartsHelp')}
        >
          <div className={classes.switches}>
            {optionalParts(kind).map((part) => (
              <Switch
                key={part}
                size="md"
                checked={isShown(design, kind, part)}
                label={t(`rules.slipPart.${part}`)}
                onChange={(event) => {
                  const { checked } = event.currentTarget;
                  change((before) => withPart(before, kind, part, checked));
                }}
              />
            ))}
          </div>
        </Group>
      </div>
      <SlipPreviewPane kind={kind} design={design} onKind={setKind} />
    </div>
  );
}

function Logo({ design, onChange }: { readonly design: SlipDesign; onChange(logo: string | null): void }) {
  const { t } = useWords();
  const { problem } = useRules();
  const [unread, setUnread] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const wrong = unread ? t('rules.problem.logo') : problem('slipDesign.logo');
  const take = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    const logo = await readLogo(chosen);
    setUnread(logo === null);
    if (logo !== null) onChange(logo);
  };
  return (
    <Group title={t('rules.slipLogo')} help={t('rules.slipLogoHelp')}>
      <div className={classes.buttons}>
        <input
          ref={file}
          type="file"
          accept="image/png,image/jpeg,image/webp"
          hidden
          aria-label={t('rules.slipLogoFile')}
          onChange={(event) => {
            void take(event.target.files?.[0]);
            // The same file chosen again is a choice again.
            event.target.value = '';
          }}
        />
        <Button
          variant="default"
          leftSection={<IconPhoto size={18} aria-hidden />}
          onClick={() => file.current?.click()}
        >
          {t('rules.slipLogoFile')}
        </Button>
        {design.logo !== null && (
          <Button
            variant="default"
            leftSection={<IconTrash size={18} aria-hidden />}
            onClick={() => {
              setUnread(false);
              onChange(null);
            }}
          >
            {t('rules.slipLogoRemove')}
          </Button>
        )}
      </div>
      {wrong !== null && (
        <p className={fields.problem} role="alert">
          {wrong}
        </p>
      )}
    </Group>
  );
}

interface LinesProps {
  readonly place: string;
  readonly label: string;
  readonly help: string;
  readonly lines: readonly string[];
  onChange(lines: string[]): void;
}

/** A few lines in the store's words: what is empty does not count. */
function Lines({ place, label, help, lines, onChange }: LinesProps) {
  const { problem } = useRules();
  const [text, setText] = useState(() => lines.join('\n'));
  const id = useId();
  const wrong = lines.map((_, index) => problem(`${place}.${index}`)).find((found) => found !== null) ?? null;
  return (
    <div className={fields.labelled}>
      <label htmlFor={id} className={fields.label}>
        {label}
      </label>
      <textarea
        id={id}
        className={classes.text}
        rows={3}
        value={text}
        aria-invalid={wrong !== null}
        aria-describedby={`${id}-note`}
        onChange={(event) => {
          setText(event.target.value);
          onChange(linesOf(event.target.value));
        }}
      />
      <p id={`${id}-note`} className={wrong === null ? fields.help : fields.problem}>
        {wrong ?? help}
      </p>
    </div>
  );
}
