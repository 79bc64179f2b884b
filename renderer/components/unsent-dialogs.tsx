import { useWords } from '../i18n/use-words.ts';
import { useActions, useCall, useSaksi, useView } from '../state/hooks.ts';
import { Confirm } from './confirm.tsx';

/** Asks before somebody signs out, or the program is closed, with something unsent on this till. */
export function UnsentDialogs() {
  const { t } = useWords();
  const { status, quitAsked } = useView();
  const signingOut = useSaksi((state) => state.signingOut);
  const { answerSignOut } = useActions();
  const quit = useCall('app.quit');
  const stay = useCall('app.stay');
  const number = status.outbox.pending + status.outbox.attention;
  return (
    <>
      <Confirm
        opened={signingOut && !quitAsked}
        title={t('signOut.title')}
        keep={t('signOut.stay')}
        leave={t('signOut.leave')}
        onKeep={() => answerSignOut(false)}
        onLeave={() => answerSignOut(true)}
      >
        {t('signOut.help', { number })}
      </Confirm>
      <Confirm
        opened={quitAsked}
        title={t('quit.title')}
        keep={t('quit.stay')}
        leave={t('quit.leave')}
        onKeep={() => void stay.run({})}
        onLeave={() => void quit.run({})}
      >
        {t('quit.help', { number })}
      </Confirm>
    </>
  );
}
