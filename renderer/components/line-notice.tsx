import { useWords } from '../i18n/use-words.ts';
import { useView } from '../state/hooks.ts';
import { Notice } from './notice.tsx';

/**
 * Says that codes cannot be sent, and why, and how old the balances are that come from this till's own memory;
 * nothing while all is fresh.
 */
export function LineNotice({ ageMs = null }: { readonly ageMs?: number | null }) {
  const { t, age } = useWords();
  const { state } = useView().status.gateway;
  const down = state === 'offline' || state === 'refused';
  if (!down && ageMs === null) return null;
  return (
    <Notice tone={state === 'refused' ? 'bad' : 'wait'}>
      {down && <p>{t(`redeem.${state}`)}</p>}
      {ageMs !== null && <p>{t('redeem.cached', { age: age(ageMs) })}</p>}
    </Notice>
  );
}
