import { useEffect, useMemo, useRef, useState } from 'react';
import type { BridgeResult, SaksiBridge } from '../../../shared/bridge.ts';
import type { Clock } from '../../../shared/effects.ts';
import type { WireError } from '../../../shared/errors.ts';
import type { WebChallenge, WebDesk } from '../../../shared/web-api.ts';
import { useWords } from '../../i18n/use-words.ts';
import { LoginCode } from '../../screens/login-code.tsx';
import { StoreContext } from '../../state/hooks.ts';
import { createSaksiStore } from '../../state/store.ts';
import type { Answer } from '../call.ts';
import type { WebApi } from './api.ts';

/** How often the delivery of a code is looked at while somebody waits for it. */
const LOOK_EVERY_MS = 2_000;
/** Nothing more is heard of a message after these. */
const LAST_WORDS: readonly string[] = ['read', 'failed'];

interface CodeStepProps {
  readonly api: Pick<WebApi, 'code' | 'resend' | 'look'>;
  readonly clock: Clock;
  readonly challenge: WebChallenge;
  readonly onEntered: (desk: WebDesk) => void;
  readonly onBack: (error: WireError | null) => void;
}

/** The screen on which a code is typed at a till, over the gateway instead of a till. */
export function CodeStep({ api, clock, challenge: first, onEntered, onBack }: CodeStepProps) {
  const { t } = useWords();
  const [challenge, setChallenge] = useState(first);
  const calls = useRef({ onEntered, onBack });
  calls.current = { onEntered, onBack };
  const { ticket } = challenge;

  const store = useMemo(() => {
    const take = (answer: Answer<WebChallenge>): BridgeResult<'session.resendCode'> => {
      if (!answer.ok) return answer;
      news(answer.value);
      return { ok: true, value: {} };
    };
    const bridge: SaksiBridge = {
      async invoke(method, input) {
        const answer = await act(method, input as { code?: string });
        return answer as BridgeResult<typeof method>;
      },
      // There is no till to view.
      subscribe: () => () => {},
    };
    const act = async (method: string, { code = '' }: { code?: string }) => {
      if (method === 'session.cancelLogin') {
        calls.current.onBack(null);
        return { ok: true, value: {} };
      }
      if (method === 'session.resendCode') return take(await api.resend(ticket));
      const passed = await api.code({ ticket, code });
      if (passed.ok) {
        calls.current.onEntered(passed.value);
        return { ok: true, value: {} };
      }
      if (passed.error.code === 'web_ticket_ended') calls.current.onBack(passed.error);
      else take(await api.look(ticket));
      return passed;
    };
    const made = createSaksiStore(bridge, clock.monotonic);
    const news = (value: WebChallenge) => {
      made.setState({ link: 'up', receivedAtMs: clock.monotonic() });
      setChallenge(value);
    };
    made.setState({ link: 'up', receivedAtMs: clock.monotonic() });
    return Object.assign(made, { news });
  }, [api, clock, ticket]);

  const { state: delivery } = challenge.code.delivery;
  const waits = !challenge.ended && !LAST_WORDS.includes(delivery);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a look after each answer
  useEffect(() => {
    if (!waits) return undefined;
    let stopped = false;
    const cancel = clock.schedule(LOOK_EVERY_MS, async () => {
      const seen = await api.look(ticket);
      if (stopped) return;
      if (seen.ok) store.news(seen.value);
      // Looked at again: the line may be down for a moment.
      else setChallenge((before) => ({ ...before }));
    });
    return () => {
      stopped = true;
      cancel();
    };
  }, [challenge, waits]);

  const login = {
    ...{ staffId: ticket, name: challenge.name, phoneMasked: challenge.phoneMasked, rememberDays: 0 },
    ...{ code: challenge.code, checking: false, ended: challenge.ended, error: null },
  };
  return (
    <StoreContext value={store}>
      <LoginCode login={login} back={t('web.signIn.back')} />
    </StoreContext>
  );
}
