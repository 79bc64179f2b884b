import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import en from '../../resources/locales/en.json' with { type: 'json' };
import id from '../../resources/locales/id.json' with { type: 'json' };
import tr from '../../resources/locales/tr.json' with { type: 'json' };
import { BUILTIN_KINDS } from '../../shared/approval-policy.ts';
import { approvalStatusSchema } from '../../shared/approvals.ts';
import { CHART_MEASURE_NAMES, redemptionEndSchema } from '../../shared/audit/charts.ts';
import { AUDIT_KINDS, auditOutcomeSchema } from '../../shared/audit/event.ts';
import { AUDIT_GROUPS, auditGroupSchema } from '../../shared/audit/timeline.ts';
import {
  approvalStageSchema,
  redemptionStageSchema,
  redemptionViewSchema,
  tillViewSchema,
} from '../../shared/bridge.ts';
import { channelSchema, deliveryReasonSchema, deliveryStateSchema } from '../../shared/delivery.ts';
import { roleSchema } from '../../shared/gateway-api.ts';
import { assetSchema } from '../../shared/money.ts';
import { redemptionStatusSchema } from '../../shared/redemption.ts';
import { SIGNAL_IDS } from '../../shared/signal-policy.ts';
import { PROBLEMS } from '../rules/rules-problems.ts';
import { ASKED_FIELDS, LIMITS } from './error-sentence.ts';
import { createI18n } from './i18n.ts';

type Tree = { readonly [key: string]: string | Tree };

function flat(tree: Tree, path = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[`${path}${key}`, value]] : [...flat(value, `${path}${key}.`)],
    ),
  );
}

const LOCALES = { id: flat(id), en: flat(en), tr: flat(tr) };
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

const SOURCES = readdirSync(join(import.meta.dirname, '..'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.includes('.test.') && !path.startsWith('dev/'))
  .map((path) => readFileSync(join(import.meta.dirname, '..', path), 'utf8'))
  .join('\n');
/** Words of a file that the till makes, not of a screen. */
const PDF_SOURCE = readFileSync(
  join(import.meta.dirname, '../../electron/till/message-pdf/message-pdf.ts'),
  'utf8',
);
const CASE_PDF_SOURCE = readFileSync(
  join(import.meta.dirname, '../../electron/till/case-pdf/case-pdf.ts'),
  'utf8',
);
const PDF_KEYS = [
  ...[...PDF_SOURCE.matchAll(/\b(?:messagePdf|pdf)\.(\w+)/g)].map(([, key]) => `messagePdf.${key}`),
  ...[...CASE_PDF_SOURCE.matchAll(/\bcasePdf\.(\w+)/g)].map(([, key]) => `casePdf.${key}`),
];
const LITERAL_KEYS = [...SOURCES.matchAll(/\bt\(\s*'([\w.]+)'/g)].map(([, key]) => key ?? '');
/** 't(`redeem.${state}`)' → 'redeem.' */
const KEY_PREFIXES = [...SOURCES.matchAll(/\bt\(\s*`([\w.]+)\$\{/g)].map(([, prefix]) => prefix ?? '');

describe('all languages', () => {
  test.each(['id', 'tr'] as const)('%s has the keys of en, no more and no fewer', (language) => {
    expect([...LOCALES[language].keys()]).toEqual([...LOCALES.en.keys()]);
  });

  test.each(['id', 'tr'] as const)('%s has the placeholders of en', (language) => {
    for (const [key, text] of LOCALES.en) {
      expect([key, placeholders(LOCALES[language].get(key) ?? '')]).toEqual([key, placeholders(text)]);
    }
  });

  test.each(['id', 'en', 'tr'] as const)('%s leaves nothing empty', (language) => {
    expect([...LOCALES[language]].filter(([, text]) => text.trim() === '')).toEqual([]);
  });
});

describe('keys', () => {
  test('each key in the code is there', () => {
    expect(LITERAL_KEYS.length).toBeGreaterThan(80);
    expect(LITERAL_KEYS.filter((key) => !LOCALES.en.has(key))).toEqual([]);
  });

  test('each key that is there is used', () => {
    const used = (key: string) =>
      LITERAL_KEYS.includes(key) ||
      KEY_PREFIXES.some((prefix) => key.startsWith(prefix)) ||
      PDF_KEYS.some((of) => key === of || key.startsWith(`${of}.`));
    expect([...LOCALES.en.keys()].filter((key) => !used(key))).toEqual([]);
  });

  test.each([
    ['delivery.state', deliveryStateSchema.options],
    ['delivery.reason', deliveryReasonSchema.options],
    ['channels.name', channelSchema.options],
    ['channels.title', channelSchema.options],
    ['channels.accepted', channelSchema.options],
    ['result.drawer', redemptionViewSchema.shape.drawer.shape.state.options],
    ['result.slip', redemptionViewSchema.shape.slip.shape.state.options],
    ['result.settlement', redemptionViewSchema.shape.settlement.options],
    ['recent.stage', redemptionStageSchema.options],
    ['status', redemptionStatusSchema.options],
    ['status', approvalStatusSchema.options],
    ['field', ASKED_FIELDS],
    ['limit', LIMITS],
    ['approvals.stage', approvalStageSchema.options],
    ['approvals.delivery', deliveryStateSchema.options],
    ['approvals.failure', deliveryReasonSchema.options],
    ['rules.problem', PROBLEMS],
    ['signals.name', SIGNAL_IDS],
    ['signals.finding', SIGNAL_IDS],
    ['role', roleSchema.options],
    ['asset', assetSchema.options],
    ['statusBar.gateway', tillViewSchema.shape.status.shape.gateway.shape.state.options],
    ['statusBar.gateway.help', tillViewSchema.shape.status.shape.gateway.shape.state.options],
    ['statusBar.printer', tillViewSchema.shape.status.shape.printer.shape.state.options],
    ['statusBar.printer.help', tillViewSchema.shape.status.shape.printer.shape.state.options],
    ['statusBar.drawer', tillViewSchema.shape.status.shape.drawer.shape.state.options],
    ['statusBar.drawer.help', tillViewSchema.shape.status.shape.drawer.shape.state.options],
    ['timeline.kind', Object.keys(AUDIT_KINDS)],
    ['timeline.kind', Object.values(AUDIT_GROUPS).flat()],
    ['timeline.group', auditGroupSchema.options],
    ['timeline.outcome', auditOutcomeSchema.options],
    ['timeline.action', BUILTIN_KINDS],
    ['pictures.measure', CHART_MEASURE_NAMES],
    ['pictures.end', redemptionEndSchema.options],
    ['settings.host', tillViewSchema.shape.host.options],
  ])('%s has a word for each value', (prefix, values) => {
    expect(values.filter((value) => !LOCALES.en.has(`${prefix}.${value}`))).toEqual([]);
  });
});

test('no language says of an accepted message that it arrived', () => {
  const unconfirmed = { id: /belum dipastikan/, en: /not confirmed/, tr: /henüz doğrulanmadı/ };
  const unreported = { id: /tidak dilaporkan/, en: /not reported/, tr: /bildirilmiyor/ };
  const denied = { id: /belum sampai/, en: /not delivered yet/, tr: /henüz ulaşmadı/ };
  for (const language of ['id', 'en', 'tr'] as const) {
    const { t } = createI18n(language);
    expect(t('delivery.state.accepted')).toMatch(denied[language]);
    expect(t('channels.accepted.whatsapp')).toBe(t('delivery.state.accepted'));
    expect(t('channels.accepted.sms')).toMatch(unconfirmed[language]);
    expect(t('channels.accepted.email')).toMatch(unreported[language]);
  }
});
