import { IconClipboardOff } from '@tabler/icons-react';
import { isShiftOnlyKind } from '../../../shared/cash-shift-policy.ts';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useSaksi, useShortcuts, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import { AskForm } from './ask-form.tsx';
import { AskKinds } from './ask-kinds.tsx';

/** A new request: first what, then how much and why. */
export function Ask() {
  const { t } = useWords();
  const { approvalKinds, approvals, session } = useView();
  const { openPanel, setAsk } = useActions();
  const key = useSaksi((state) => state.ask.kind);
  const kind = approvalKinds.find((candidate) => candidate.key === key);
  // What the shift's own page asks for is not asked for by hand.
  const byHand = approvalKinds.filter((candidate) => !isShiftOnlyKind(candidate.key));
  useShortcuts(
    [
      [
        'Escape',
        () => {
          if (kind !== undefined) setAsk({ kind: null });
          else openPanel(approvals.length === 0 ? 'closed' : 'list');
        },
      ],
      ['F7', () => openPanel('list')],
    ],
    'panel',
  );
  if (approvalKinds.length === 0) {
    return (
      <div className={layout.empty}>
        <IconClipboardOff size={44} stroke={1.5} aria-hidden />
        <strong>{t('ask.none')}</strong>
        <p>{session?.role === 'manager' ? t('ask.noneManager') : t('ask.noneHelp')}</p>
      </div>
    );
  }
  return kind === undefined ? <AskKinds kinds={byHand} /> : <AskForm key={kind.key} kind={kind} />;
}
