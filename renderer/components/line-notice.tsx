import { useWords } from '../i18n/use-words.ts';
import { useSealedPossible, useView } from '../state/hooks.ts';
import { Notice } from './notice.tsx';

/** What is the matter with the line, where a person can mend it. */
const NAMED_ERRORS: ReadonlySet<string> = new Set(['captive_portal', 'clock_skew']);

/**
 * Says that codes cannot be sent, and why, and how old the balances are that come from this till's own memory;
 * nothing while all is fresh.
 */
export function LineNotice({ ageMs = null }: { readonly ageMs?: number | null }) {
  const { t, ago, error: sentence } = useWords();
  const { state, error } = useView().status.gateway;
  const sealed = useSealedPossible();
  const down = state === 'offline' || state === 'refused';
  if (!down && ageMs === null) return null;
  return (
    <Notice tone={state === 'refused' ? 'bad' : 'wait'}>
      {down && (
        <p>
          {error !== null && NAMED_ERRORS.has(error.code)
            ? sentence(error)
            : t(sealed ? 'redeem.sealed' : `redeem.${state}`)}
        </p>
      )}
      {ageMs !== null && <p>{t('redeem.cached', { ago: ago(ageMs) })}</p>}
    </Notice>
  );
}
