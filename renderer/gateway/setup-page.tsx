import type { i18n as I18n } from 'i18next';
import type { SetupStep } from '../../shared/setup-api.ts';
import type { SetupApi } from './api.ts';
import { Frame } from './frame.tsx';
import { SignIn, Starting } from './sign-in.tsx';
import { Steps } from './steps.tsx';
import { useSetup } from './use-setup.ts';

interface SetupPageProps {
  readonly api: SetupApi;
  readonly linkToken: string | null;
  readonly i18n: I18n;
  readonly kept: Pick<Storage, 'getItem' | 'setItem'>;
  /** Left out: the first that is not done. */
  readonly step?: SetupStep | 'accounts';
  /** The account that is shown first; left out: the default one. */
  readonly account?: string;
}

/** The WhatsApp account's set-up, step by step. */
export function SetupPage({ api, linkToken, i18n, kept, step, account }: SetupPageProps) {
  const setup = useSetup(api, linkToken, account);
  const { phase, state, error } = setup;
  return (
    <Frame i18n={i18n} kept={kept} onSignOut={phase === 'signed_in' ? setup.signOut : undefined}>
      {phase === 'signed_out' ? (
        <SignIn error={error} />
      ) : phase === 'starting' || state === null ? (
        <Starting />
      ) : (
        <Steps
          key={setup.account}
          setup={setup}
          state={state}
          {...(step === undefined ? {} : { first: step })}
        />
      )}
    </Frame>
  );
}
