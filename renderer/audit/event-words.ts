import { useTranslation } from 'react-i18next';
import type { TimelineEvent } from '../../shared/audit/timeline.ts';
import { ERROR_CODES, type ErrorCode, type Language, personSentence } from '../../shared/errors.ts';
import { percentText } from '../approvals/percent-input.ts';
import type { Locale } from '../i18n/i18n.ts';
import { useWords } from '../i18n/use-words.ts';
import { useAuditDesk } from './reader.ts';
import { storeTime } from './store-time.ts';

type Words = Locale['timeline'];
type Leaves<T, P extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${P}${K}` : Leaves<T[K], `${P}${K}.`>;
}[keyof T & string];
type Kind = Leaves<Words['kind']>;

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Details that are a length of time, and those that are money. */
const LENGTHS: ReadonlySet<string> = new Set(['ms', 'openMs']);
const SUMS: ReadonlySet<string> = new Set(['loss', 'counted', 'expected', 'left', 'before']);

/** '8 s', '12 min', '3 h', as short as it can be said. */
export function durationText(ms: number, language: Language): string {
  const [value, unit] =
    ms < 100 * SECOND_MS
      ? ([ms < 10 * SECOND_MS ? Math.round(ms / 100) / 10 : Math.round(ms / SECOND_MS), 'second'] as const)
      : ms < 100 * MINUTE_MS
        ? ([Math.round(ms / MINUTE_MS), 'minute'] as const)
        : ([Math.round(ms / HOUR_MS), 'hour'] as const);
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
}

/** An error's sentence, where it says something by its code alone. */
function errorText(code: string, language: Language): string {
  if (!ERROR_CODES.includes(code as ErrorCode)) return code;
  const sentence = personSentence(code as ErrorCode, language);
  return sentence.includes('{{') ? code : sentence;
}

/** Events in words. What a newer gateway tells of and this screen does not know is shown by its name. */
export function useEventWords() {
  const { t, language, amount, count } = useWords();
  const { i18n } = useTranslation();
  const { about } = useAuditDesk();

  const currencyOf = ({ storeId }: Pick<TimelineEvent, 'storeId'>) =>
    (about.stores.find(({ id }) => id === storeId) ?? about.stores[0])?.currency ?? 'IDR';
  const timeOf = (storeId: string | null) =>
    storeTime(
      (about.stores.find(({ id }) => id === storeId) ?? about.stores[0])?.timezone ?? 'UTC',
      language,
    );
  const known = (key: string) => i18n.exists(`timeline.${key}`);

  const kindText = (kind: string) => (known(`kind.${kind}`) ? t(`timeline.kind.${kind as Kind}`) : kind);
  const actionText = (action: string) =>
    known(`action.${action}`) ? t(`timeline.action.${action as keyof Words['action']}`) : action;
  const word = (value: string) =>
    known(`value.${value}`) ? t(`timeline.value.${value as keyof Words['value']}`) : value;
  const amountText = (event: TimelineEvent) =>
    event.amount === null
      ? null
      : amount(event.amount, event.asset === 'points' ? 'points' : 'deposit', currencyOf(event));

  function valueText(event: TimelineEvent, key: string, value: unknown): string | null {
    if (value === null || value === '') return null;
    if (typeof value === 'boolean') return t(`timeline.value.${value ? 'yes' : 'no'}`);
    if (typeof value === 'number') {
      if (LENGTHS.has(key)) return durationText(value, language);
      if (SUMS.has(key)) return amount(value, 'deposit', currencyOf(event));
      return key === 'basisPoints' ? percentText(value, language) : count(value);
    }
    if (Array.isArray(value)) return value.length === 0 ? null : value.map(String).join(', ');
    if (typeof value !== 'string') return null;
    if (key === 'action') return actionText(value);
    return key === 'error' || key === 'code' ? errorText(value, language) : word(value);
  }

  return {
    ...{ t, language, count, kindText, amountText, timeOf },
    /** Of the store whose list it is. */
    currency: currencyOf({ storeId: null }),
    money: (value: number) => amount(value, 'deposit', currencyOf({ storeId: null })),
    /** 'Approved: Void', 'Drawer opened: a redemption'. */
    title(event: TimelineEvent): string {
      const { action, cause, what } = event.detail;
      const more = typeof action === 'string' ? actionText(action) : [cause, what].find(isText);
      const named = more === undefined ? undefined : action === undefined ? word(more) : more;
      return [kindText(event.kind), named].filter(Boolean).join(': ');
    },
    /** Who did it and who let them, with how long that took; null: nobody. */
    people(event: TimelineEvent): string | null {
      const unknown = t('timeline.unknownPerson');
      const { ms } = event.detail;
      const who = event.staffId === null ? null : (event.staffName ?? unknown);
      const approver = event.approverId === null ? null : (event.approverName ?? unknown);
      const took = approver === null || typeof ms !== 'number' ? '' : ` (${durationText(ms, language)})`;
      return [who, approver === null ? null : `${approver}${took}`].filter(Boolean).join(' → ') || null;
    },
    /** What `detail` says beyond the columns, in words: name and value. What has no name here is left out. */
    details(event: TimelineEvent): (readonly [name: string, value: string])[] {
      return Object.entries(event.detail).flatMap(([key, value]) => {
        if (!known(`word.${key}`)) return [];
        const text = valueText(event, key, value);
        return text === null ? [] : [[t(`timeline.word.${key as keyof Words['word']}`), text] as const];
      });
    },
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
