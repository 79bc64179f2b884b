import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { withNewKind, withoutKind } from '../../rules/rules-edit.ts';
import { checkRules } from '../../rules/rules-problems.ts';
import { changedRules, loadedRules, type RulesDraft, type RulesSection } from '../../rules/rules-state.ts';
import { useActions, useSaksi, useShortcuts } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import { AlertsEditor } from './alerts-editor.tsx';
import { AnswersEditor } from './answers-editor.tsx';
import { CashEditor } from './cash-editor.tsx';
import { ChannelsEditor } from './channels-editor.tsx';
import { CreditEditor } from './credit-editor.tsx';
import { DrawerEditor } from './drawer-editor.tsx';
import { HoursEditor } from './hours-editor.tsx';
import { KindEditor } from './kind-editor.tsx';
import { OfflineEditor } from './offline-editor.tsx';
import { RetentionEditor } from './retention-editor.tsx';
import classes from './rules-editor.module.css';
import { RulesNav } from './rules-nav.tsx';
import { SaveDialog } from './save-dialog.tsx';
import { ShiftEditor } from './shift-editor.tsx';
import { SlipEditor } from './slip-editor.tsx';
import { CodesEditor, TillEditor } from './till-editor.tsx';
import { RulesContext } from './use-rules.ts';

const NO_PROBLEMS = new Map();

interface RulesEditorProps {
  readonly draft: RulesDraft;
  onReload(): Promise<void>;
}

/** The parts of the rules at the left, one of them at the right, saving at the top. */
export function RulesEditor({ draft, onReload }: RulesEditorProps) {
  const { t } = useWords();
  const { setRules } = useActions();
  const rules = useSaksi((state) => state.rules);
  const savedVersion = useSaksi((state) => state.rulesSaved);
  const [section, setSection] = useState<RulesSection>(useSaksi((state) => state.rulesSection));
  const [saving, setSaving] = useState(false);
  const [conflict, setConflict] = useState(false);
  // Fields keep what is typed into them: after a load they begin anew.
  const [loads, setLoads] = useState(0);
  const pane = useRef<HTMLElement>(null);
  const check = checkRules(draft);
  const problems = check.ok ? NO_PROBLEMS : check.problems;
  const update = (change: (before: RulesDraft) => RulesDraft) => setRules(changedRules(rules, change(draft)));
  const save = check.ok && rules.changed && !conflict ? () => setSaving(true) : undefined;
  useShortcuts([['F10', save]]);
  const reload = async () => {
    await onReload();
    setConflict(false);
    setSection((now) => (typeof now === 'number' ? 0 : now));
    setLoads((count) => count + 1);
  };
  const show = (next: RulesSection) => {
    setSection(next);
    if (pane.current !== null) pane.current.scrollTop = 0;
  };
  const shown = typeof section === 'number' ? draft.approvals.kinds[section] : undefined;

  return (
    <RulesContext value={{ draft, problems, update }}>
      <div className={classes.page}>
        <header className={classes.head}>
          <div className={classes.words}>
            <h1 className={layout.title}>{t('rules.title')}</h1>
            <p className={classes.state} role="status" data-bad={!check.ok}>
              {!check.ok
                ? t('rules.wrong', { number: problems.size })
                : rules.changed
                  ? t('rules.unsaved')
                  : savedVersion === rules.baseVersion
                    ? t('rules.saved', { version: rules.baseVersion })
                    : t('rules.version', { version: rules.baseVersion })}
            </p>
          </div>
          <Button variant="default" size="md" disabled={!rules.changed} onClick={() => void reload()}>
            {t('rules.discard')}
          </Button>
          <Button
            size="md"
            disabled={save === undefined}
            rightSection={<KeyHint>F10</KeyHint>}
            aria-keyshortcuts="F10"
            onClick={save}
          >
            {t('rules.save')}
          </Button>
        </header>
        {conflict && (
          <Notice tone="wait" urgent>
            <p>{t('rules.conflict')}</p>
            <Button variant="default" onClick={() => void reload()}>
              {t('rules.reload')}
            </Button>
          </Notice>
        )}
        <div className={classes.columns}>
          <RulesNav
            section={section}
            onShow={show}
            onAdd={() => {
              update(withNewKind);
              show(draft.approvals.kinds.length);
            }}
          />
          <section
            ref={pane}
            className={classes.pane}
            aria-label={t('rules.part')}
            key={`${loads}:${section}`}
          >
            {shown !== undefined && typeof section === 'number' && (
              <KindEditor
                kind={shown}
                index={section}
                onRemove={() => {
                  update((before) => withoutKind(before, section));
                  show(0);
                }}
              />
            )}
            {section === 'hours' && <HoursEditor />}
            {section === 'answers' && <AnswersEditor />}
            {section === 'codes' && <CodesEditor />}
            {section === 'messages' && <ChannelsEditor />}
            {section === 'credit' && <CreditEditor />}
            {section === 'till' && <TillEditor />}
            {section === 'slip' && <SlipEditor />}
            {section === 'drawer' && <DrawerEditor />}
            {section === 'cash' && <CashEditor />}
            {section === 'shift' && <ShiftEditor />}
            {section === 'offline' && <OfflineEditor />}
            {section === 'alerts' && <AlertsEditor />}
            {section === 'kept' && <RetentionEditor />}
          </section>
        </div>
      </div>
      {saving && check.ok && rules.saved !== null && (
        <SaveDialog
          baseVersion={rules.baseVersion}
          saved={rules.saved}
          policy={check.policy}
          onClose={() => setSaving(false)}
          onConflict={() => {
            setSaving(false);
            setConflict(true);
          }}
          onSaved={(policy) => {
            setSaving(false);
            setRules(loadedRules(policy), policy.version);
          }}
        />
      )}
    </RulesContext>
  );
}
