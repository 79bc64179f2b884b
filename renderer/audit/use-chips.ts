import type { AuditFilter } from '../../shared/audit/timeline.ts';
import { useEventWords } from './event-words.ts';
import { changed } from './filter-set.ts';
import { useAuditDesk } from './reader.ts';

export interface Chip {
  readonly key: string;
  readonly text: string;
  /** The filter without it. */
  readonly without: AuditFilter;
}

/** What of a filter is set, each in words. `customerName`: of the customer, where somebody knows it. */
export function useChips(filter: AuditFilter, customerName: (id: string) => string | null): readonly Chip[] {
  const { t, kindText, timeOf, money } = useEventWords();
  const { about } = useAuditDesk();
  const { storeId, tillId, staffId, approverId, customerId, subjectId, kinds = [], groups = [] } = filter;
  const { outcomes = [], amountFrom, amountTo, from, to, hour, q } = filter;
  const time = timeOf(storeId ?? null);
  const nameOf = (list: readonly { id: string; name: string }[], id: string) =>
    list.find((one) => one.id === id)?.name ?? t('timeline.unknownPerson');
  const two = (value: number) => String(value).padStart(2, '0');
  const chip = (key: string, text: string | null | undefined, change: Parameters<typeof changed>[1]) =>
    text === null || text === undefined ? [] : [{ key, text, without: changed(filter, change) }];
  return [
    ...chip('q', q && t('timeline.chip.q', { q }), { q: undefined }),
    ...groups.flatMap((group) =>
      chip(`group ${group}`, t(`timeline.group.${group}`), { groups: groups.filter((one) => one !== group) }),
    ),
    ...kinds.flatMap((kind) =>
      chip(`kind ${kind}`, kindText(kind), { kinds: kinds.filter((one) => one !== kind) }),
    ),
    ...outcomes.flatMap((outcome) =>
      chip(`outcome ${outcome}`, t(`timeline.outcome.${outcome}`), {
        outcomes: outcomes.filter((one) => one !== outcome),
      }),
    ),
    ...chip('store', storeId && nameOf(about.stores, storeId), { storeId: undefined }),
    ...chip('till', tillId && nameOf(about.tills, tillId), { tillId: undefined }),
    ...chip('staff', staffId && nameOf(about.staff, staffId), { staffId: undefined }),
    ...chip(
      'approver',
      approverId && t('timeline.chip.approver', { name: nameOf(about.staff, approverId) }),
      {
        approverId: undefined,
      },
    ),
    ...chip('customer', customerId && (customerName(customerId) ?? t('timeline.chip.customerUnknown')), {
      customerId: undefined,
    }),
    ...chip('subject', subjectId && t('timeline.chip.subject'), { subjectId: undefined }),
    ...chip('from', from === undefined ? null : t('timeline.chip.from', { time: time.moment(from) }), {
      from: undefined,
    }),
    ...chip('to', to === undefined ? null : t('timeline.chip.to', { time: time.moment(to) }), {
      to: undefined,
    }),
    ...chip(
      'hour',
      hour === undefined
        ? null
        : t('timeline.chip.hour', { from: `${two(hour)}:00`, to: `${two((hour + 1) % 24)}:00` }),
      { hour: undefined },
    ),
    ...chip(
      'amountFrom',
      amountFrom === undefined ? null : t('timeline.chip.amountFrom', { amount: money(amountFrom) }),
      {
        amountFrom: undefined,
      },
    ),
    ...chip(
      'amountTo',
      amountTo === undefined ? null : t('timeline.chip.amountTo', { amount: money(amountTo) }),
      {
        amountTo: undefined,
      },
    ),
  ];
}
