import { Loader, Switch } from '@mantine/core';
import { useState } from 'react';
import type { SlipDesign } from '../../../shared/slip-design.ts';
import { SLIP_KINDS, type SlipKind } from '../../../shared/slip-layouts.ts';
import type { PaperWidth } from '../../../shared/slip-preview.ts';
import { Choice } from '../../components/choice.tsx';
import { LANGUAGE_NAMES } from '../../components/language-choice.tsx';
import { LANGUAGES } from '../../i18n/i18n.ts';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import fields from './rules-fields.module.css';
import classes from './slip-editor.module.css';
import { SlipPaper } from './slip-paper.tsx';
import { useSlipPreview } from './use-slip-preview.ts';

const PAPERS = { '58': 58, '80': 80 } as const satisfies Record<string, PaperWidth>;
const WIDTHS = ['58', '80'] as const;

interface SlipPreviewPaneProps {
  readonly kind: SlipKind;
  readonly design: SlipDesign;
  onKind(kind: SlipKind): void;
}

/** One kind of slip in the design that is being made, laid out by the till itself. */
export function SlipPreviewPane({ kind, design, onKind }: SlipPreviewPaneProps) {
  const { t, language, error: sentence } = useWords();
  const [width, setWidth] = useState<keyof typeof PAPERS>('58');
  const [customerLanguage, setCustomerLanguage] = useState(language);
  const [copy, setCopy] = useState(false);
  const wish = { kind, design, paper: PAPERS[width], customerLanguage, copy };
  const { preview, error, faulty } = useSlipPreview(wish);
  const named = kind === 'redemption' || kind === 'topup';
  return (
    <section className={classes.preview} aria-label={t('rules.slipPreview')}>
      <select
        className={layout.control}
        aria-label={t('rules.slipKindLabel')}
        value={kind}
        onChange={(event) => onKind(SLIP_KINDS.find((known) => known === event.target.value) ?? kind)}
      >
        {SLIP_KINDS.map((known) => (
          <option key={known} value={known}>
            {t(`rules.slipKind.${known}`)}
          </option>
        ))}
      </select>
      <div className={classes.choices}>
        <Choice
          label={t('rules.slipPaper')}
          value={width}
          options={WIDTHS.map((value) => ({ value, text: `${value} mm` }))}
          onChange={(next) => setWidth(next)}
        />
        {named && design.language !== 'store' && (
          <Choice
            label={t('rules.slipCustomer')}
            value={customerLanguage}
            options={LANGUAGES.map((value) => ({
              value,
              text: value.toUpperCase(),
              title: `${t('rules.slipCustomer')}: ${LANGUAGE_NAMES[value]}`,
            }))}
            onChange={(next) => setCustomerLanguage(next)}
          />
        )}
      </div>
      <Switch
        size="md"
        checked={copy}
        label={t('rules.slipCopy')}
        onChange={(event) => setCopy(event.currentTarget.checked)}
      />
      {faulty && <p className={fields.problem}>{t('rules.slipFaulty')}</p>}
      {error !== null && (
        <p className={fields.problem} role="alert">
          {sentence(error)}
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <section className={classes.scroll} aria-label={t('rules.slipShown')} tabIndex={0}>
        {preview === null && !faulty ? <Loader size={28} aria-hidden color="var(--brand)" /> : null}
        {preview !== null && <SlipPaper {...preview} />}
      </section>
    </section>
  );
}
