import { Confirm } from '../../components/confirm.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { NO_RULES } from '../../rules/rules-state.ts';
import { useActions, useSaksi } from '../../state/hooks.ts';

/** Asks before changed rules are dropped; Enter and Esc both stay. */
export function LeaveDialog() {
  const { t } = useWords();
  const leaving = useSaksi((state) => state.leaving);
  const { stay, setRules, goTo, askSignOut } = useActions();
  const leave = () => {
    setRules(NO_RULES);
    stay();
    if (leaving === 'sign_out') askSignOut();
    else if (leaving !== null) goTo(leaving);
  };
  return (
    <Confirm
      opened={leaving !== null}
      title={t('rules.leaveTitle')}
      keep={t('rules.stay')}
      leave={t('rules.leave')}
      onKeep={stay}
      onLeave={leave}
    >
      {t('rules.leaveHelp')}
    </Confirm>
  );
}
