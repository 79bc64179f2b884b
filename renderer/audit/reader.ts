import { createContext, useContext } from 'react';
import type { AuditCharts, ChartsWish } from '../../shared/audit/charts.ts';
import type {
  AuditAbout,
  AuditFilter,
  AuditPage,
  AuditView,
  TimelineEvent,
} from '../../shared/audit/timeline.ts';
import type { WireError } from '../../shared/errors.ts';

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: WireError };

export interface TailHandlers {
  /** Oldest first. */
  events(events: readonly TimelineEvent[]): void;
  /** Null: it follows (again). */
  lost(error: WireError | null): void;
}

/** Where the audit list comes from. The pages of the list know no more than this of whatever they are shown in. */
export interface AuditReader {
  about(): Promise<Answer<AuditAbout>>;
  page(filter: AuditFilter, after: string | null): Promise<Answer<AuditPage>>;
  /** What is new after event `after` (null: from now), until it is stopped. */
  tail(filter: AuditFilter, after: number | null, handlers: TailHandlers): () => void;
  views(): Promise<Answer<readonly AuditView[]>>;
  saveView(view: Pick<AuditView, 'name' | 'filter'>): Promise<Answer<readonly AuditView[]>>;
  removeView(id: string): Promise<Answer<readonly AuditView[]>>;
  customers(q: string): Promise<Answer<readonly { readonly id: string; readonly name: string }[]>>;
  charts(span: ChartsWish): Promise<Answer<AuditCharts>>;
}

/** An open list: where it comes from, whose it is, and what to do where an answer says that it is locked again. */
export interface AuditDesk {
  readonly reader: AuditReader;
  readonly about: AuditAbout;
  locked(): void;
}

export const AuditDeskContext = createContext<AuditDesk | null>(null);

export function useAuditDesk(): AuditDesk {
  const desk = useContext(AuditDeskContext);
  if (desk === null) throw new Error('AuditDeskContext is missing');
  return desk;
}

/** Whether a refusal means that the manager's proof is over. */
export const isLocked = ({ code }: WireError): boolean => code === 'manager_proof_missing';
