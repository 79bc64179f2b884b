/** Our templates at Meta: submitted once for each wording, read back, listed. For the operator, and the hourly look. */
import { type Selectable, sql } from 'kysely';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Engine } from '../db/engine.ts';
import type { MessageTemplatesTable } from '../db/template-tables.ts';
import type { Trx } from '../redemptions/ports.ts';
import type { WhatsAppError } from '../whatsapp/errors.ts';
import type { GraphAdmin, ListedTemplate } from '../whatsapp/graph-admin.ts';
import type { Templates } from '../whatsapp/templates.ts';
import { checkTemplate, type TemplateFault } from './check.ts';
import { readReason, readStatus } from './follow.ts';
import { type AnyTemplate, readVersionName, shapeAtMeta, shapeOf, versionName, wordsHash } from './names.ts';

/** Webhooks tell of changes; this is for what they lost. */
const SYNC_EVERY_MS = 3_600_000;

export interface SubmitResult {
  readonly template: string;
  readonly outcome: 'submitted' | 'unchanged' | 'rejected_before' | 'faults' | 'refused';
  readonly faults?: readonly TemplateFault[];
  /** Meta's code. */
  readonly code?: number;
}

/** Calls throw SaksiError: whatsapp_not_set_up {at}, whatsapp_refused {code}, whatsapp_unreachable. */
export interface TemplateService {
  /** What Meta would reject, without asking Meta. */
  check(): { template: string; faults: TemplateFault[] }[];
  /** Submits what is not at Meta yet, changed words under a new name. */
  submit(): Promise<SubmitResult[]>;
  /** Reads how all of them stand. @returns how many templates of ours Meta has */
  sync(): Promise<{ ours: number; others: number }>;
  /** `sync` for an account that was read before, and not lately. */
  syncDue(): Promise<void>;
  list(): Promise<TemplateRow[]>;
}

export type TemplateRow = Awaited<ReturnType<typeof listRows>>[number];

export interface TemplateServiceOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly templates: Templates;
  /** Throws whatsapp_not_set_up. */
  readonly account: () => Promise<{ wabaId: string; graph: GraphAdmin }>;
  readonly wabaId: () => Promise<string | undefined>;
  readonly onChange: () => void;
}

export function createTemplateService(options: TemplateServiceOptions): TemplateService {
  const { engine, clock, account, onChange } = options;
  const db = engine.kysely;
  const ours: readonly AnyTemplate[] = [...options.templates.authentication, ...options.templates.utility];
  const bases = new Set(ours.map(({ name }) => name));

  const check = () =>
    ours.map((template) => ({ template: labelOf(template), faults: checkTemplate(template) }));

  async function submit(): Promise<SubmitResult[]> {
    // What Meta has already is not submitted again.
    await sync();
    const { wabaId, graph } = await account();
    const results: SubmitResult[] = [];
    for (const template of ours) {
      results.push({ template: labelOf(template), ...(await submitOne(wabaId, graph, template)) });
    }
    onChange();
    return results;
  }

  async function submitOne(
    wabaId: string,
    graph: GraphAdmin,
    template: AnyTemplate,
  ): Promise<Omit<SubmitResult, 'template'>> {
    const faults = checkTemplate(template);
    if (faults.length > 0) return { outcome: 'faults', faults };
    const newest = await newestOf(wabaId, template);
    const same = newest?.words_hash === wordsHash(template);
    if (newest !== undefined && same && newest.status !== 'draft') {
      return { outcome: newest.status === 'rejected' ? 'rejected_before' : 'unchanged' };
    }
    const version = same ? newest.version : (newest?.version ?? 0) + 1;
    const name = versionName(template.name, version);
    await keepDraft(wabaId, template, version);
    try {
      const taken = await graph.createTemplate(wabaId, { ...template, name });
      await db
        .updateTable('message_templates')
        .set({
          meta_id: taken.id,
          status: readStatus(taken.status) ?? 'pending',
          category: taken.category.toLowerCase(),
          status_at: clock.now(),
          checked_at: clock.now(),
        })
        .where('waba_id', '=', wabaId)
        .where('name', '=', name)
        .where('language', '=', template.language)
        // A webhook may have told of it before this answer was read.
        .where('status', '=', 'draft')
        .execute();
      return { outcome: 'submitted' };
    } catch (error) {
      if (!isRefusal(error)) throw toSaksiError(error);
      return { outcome: 'refused', code: error.code };
    }
  }

  function newestOf(wabaId: string, { name: base, language }: AnyTemplate) {
    return db
      .selectFrom('message_templates')
      .select(['version', 'words_hash', 'status'])
      .where('waba_id', '=', wabaId)
      .where('base', '=', base)
      .where('language', '=', language)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  async function keepDraft(wabaId: string, template: AnyTemplate, version: number): Promise<void> {
    const now = clock.now();
    await db
      .insertInto('message_templates')
      .values({
        ...{ waba_id: wabaId, name: versionName(template.name, version), language: template.language },
        ...{ base: template.name, version, category: template.category },
        ...{ words_hash: wordsHash(template), shape: shapeOf(template), meta_id: null },
        ...{ status: 'draft', reason: null, quality: null },
        ...{ status_at: now, checked_at: null, created_at: now },
      })
      .onConflict((conflict) => conflict.columns(['waba_id', 'name', 'language']).doNothing())
      .execute();
  }

  async function sync(): Promise<{ ours: number; others: number }> {
    const { wabaId, graph } = await account();
    const asked = clock.now();
    const listed = await graph.listTemplates(wabaId).catch((error: unknown) => {
      throw toSaksiError(error);
    });
    const found = listed.flatMap((template) => {
      const named = readVersionName(template.name, bases);
      return named === null ? [] : [{ template, ...named }];
    });
    await db.transaction().execute(async (trx) => {
      for (const { template, base, version } of found) {
        await keepListed(
          trx,
          rowOf(wabaId, template, { base, version, asked, words: wordsOf(template, base) }),
        );
      }
      await trx
        .updateTable('message_templates')
        .set({ status: 'draft', reason: null, meta_id: null, status_at: asked })
        .where('waba_id', '=', wabaId)
        .where('status', '!=', 'draft')
        .where('status_at', '<=', asked)
        .where((eb) => eb.or([eb('checked_at', 'is', null), eb('checked_at', '<', asked)]))
        .execute();
      await trx
        .insertInto('template_syncs')
        .values({ waba_id: wabaId, synced_at: asked })
        .onConflict((conflict) => conflict.column('waba_id').doUpdateSet({ synced_at: asked }))
        .execute();
    });
    onChange();
    return { ours: found.length, others: listed.length - found.length };
  }

  /** The mark of our words, when Meta's are these. Meta writes the words of codes itself: theirs are taken to be ours. */
  function wordsOf({ language, bodyText }: ListedTemplate, base: string): string | null {
    const template = ours.find((it) => it.name === base && it.language === language);
    if (template === undefined) return null;
    const isOurs = template.category === 'authentication' || template.components[0].text === bodyText;
    return isOurs ? wordsHash(template) : null;
  }

  async function syncDue(): Promise<void> {
    const wabaId = await options.wabaId();
    if (wabaId === undefined) return;
    const synced = await db
      .selectFrom('template_syncs')
      .select('synced_at')
      .where('waba_id', '=', wabaId)
      .executeTakeFirst();
    if (synced !== undefined && synced.synced_at <= clock.now() - SYNC_EVERY_MS) await sync();
  }

  return {
    check,
    submit,
    sync,
    syncDue,
    async list() {
      return listRows(engine, await options.wabaId());
    },
  };
}

function rowOf(
  wabaId: string,
  listed: ListedTemplate,
  known: { base: string; version: number; asked: number; words: string | null },
): Selectable<MessageTemplatesTable> {
  const { base, version, asked, words } = known;
  const category = listed.category.toLowerCase();
  return {
    ...{ waba_id: wabaId, name: listed.name, language: listed.language, base, version, category },
    words_hash: words,
    shape: shapeAtMeta(category, listed.bodyText ?? '', listed.buttonCount),
    meta_id: listed.id,
    // One that we have no word for is not sent.
    status: readStatus(listed.status) ?? 'disabled',
    reason: readReason(listed.rejectedReason),
    quality: listed.quality,
    ...{ status_at: asked, checked_at: asked, created_at: asked },
  };
}

/** The words that a row was submitted with stay known; what a webhook told while the list was on its way is newer. */
async function keepListed(trx: Trx, row: Selectable<MessageTemplatesTable>): Promise<void> {
  await sql`insert into message_templates as t
      (waba_id, name, language, base, version, category, words_hash, shape, meta_id, status, reason, quality,
        status_at, checked_at, created_at)
    values (${row.waba_id}, ${row.name}, ${row.language}, ${row.base}, ${row.version}, ${row.category},
      ${row.words_hash}, ${row.shape}, ${row.meta_id}, ${row.status}, ${row.reason}, ${row.quality},
      ${row.status_at}, ${row.checked_at}, ${row.created_at})
    on conflict (waba_id, name, language) do update set category = excluded.category, shape = excluded.shape,
      meta_id = excluded.meta_id, quality = coalesce(excluded.quality, t.quality), checked_at = excluded.checked_at,
      status = case when t.status_at > excluded.status_at then t.status else excluded.status end,
      reason = case when t.status_at > excluded.status_at then t.reason else excluded.reason end,
      status_at = greatest(t.status_at, excluded.status_at)`.execute(trx);
}

function listRows(engine: Engine, wabaId: string | undefined) {
  return engine.kysely
    .selectFrom('message_templates')
    .select(['name', 'language', 'version', 'category', 'status', 'reason', 'quality', 'checked_at'])
    .where('waba_id', '=', wabaId ?? '')
    .orderBy('base')
    .orderBy('language')
    .orderBy('version')
    .execute();
}

function labelOf({ name, language }: AnyTemplate): string {
  return `${name}/${language}`;
}

function isRefusal(error: unknown): error is WhatsAppError {
  return error instanceof Error && error.name === 'WhatsAppError';
}

/** Of a call to the Graph API. */
export function toSaksiError(error: unknown): unknown {
  if (isRefusal(error))
    return new SaksiError('whatsapp_refused', { params: { code: error.code }, cause: error });
  if (error instanceof Error && error.name === 'WhatsAppNetworkError') {
    return new SaksiError('whatsapp_unreachable', { cause: error });
  }
  return error;
}
