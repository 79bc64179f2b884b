import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import {
  checkMessage,
  codeLifeMinutes,
  codeMessage,
  findTemplate,
  loadTemplates,
  type OutgoingMessage,
  parseTemplate,
} from './templates.ts';

const templates = loadTemplates().authentication;
const template = findTemplate(templates, 'saksi_redemption_code', 'id')!;
const message = (): OutgoingMessage => codeMessage({ template, to: '+6281234567890', code: '482913' });

test('the redemption code exists in Indonesian, English and Turkish, and all hold as long', () => {
  const codes = templates.filter((it) => it.name === 'saksi_redemption_code');
  expect(codes.map((it) => it.language).sort()).toEqual(['en', 'id', 'tr']);
  expect(codes.map(codeLifeMinutes)).toEqual([5, 5, 5]);
  expect(codes.map((it) => it.message_send_ttl_seconds)).toEqual([300, 300, 300]);
});

test('a language that is not there is not found, so that the caller chooses another', () => {
  expect(findTemplate(templates, 'saksi_redemption_code', 'fr')).toBeUndefined();
});

test('the message is the one that Meta documents', () => {
  const sent = codeMessage({ template, to: '+6281234567890', code: '482913', correlationId: 'msg-1' });
  expect(sent).toEqual({
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: '6281234567890',
    type: 'template',
    template: {
      name: 'saksi_redemption_code',
      language: { code: 'id' },
      components: [
        { type: 'body', parameters: [{ type: 'text', text: '482913' }] },
        { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: '482913' }] },
      ],
    },
    biz_opaque_callback_data: 'msg-1',
  });
  expect(checkMessage(sent, template)).toEqual([]);
});

test.each([
  ['16 characters', '1234567890123456'],
  ['nothing', ''],
  ['a space', '123 456'],
  ['an emoji', '1234🙂'],
  ['a line break', '123456\n'],
])('a code of %s is refused, and the error does not repeat it', (_, code) => {
  const attempt = () => codeMessage({ template, to: '6281234567890', code });
  expect(attempt).toThrow(RangeError);
  expect(attempt).toThrow(/^message does not fit its template: code_malformed$/);
});

test('15 characters are allowed', () => {
  expect(() => codeMessage({ template, to: '6281234567890', code: '123456789012345' })).not.toThrow();
});

test.each(['', '081234567890', '12345', 'ID.13491208655302741918', '1234567890123456'])(
  'no number: %j',
  (to) => {
    expect(() => codeMessage({ template, to, code: '1' })).toThrow('recipient_malformed');
  },
);

test('a correlation id of 513 characters is refused, 512 are taken', () => {
  const of = (length: number) => () =>
    codeMessage({ template, to: '6281234567890', code: '1', correlationId: 'x'.repeat(length) });
  expect(of(512)).not.toThrow();
  expect(of(513)).toThrow('callback_data_too_long');
});

test('each way in which a message can miss its template is named', () => {
  const faultsAfter = (change: (it: OutgoingMessage) => void): string[] => {
    const changed = structuredClone(message());
    change(changed);
    return checkMessage(changed, template);
  };
  const parameter = { type: 'text' as const, text: '482913' };
  expect(faultsAfter((it) => it.template.components[0]!.parameters.push(parameter))).toEqual([
    'body_parameter_count',
  ]);
  expect(faultsAfter((it) => it.template.components[1]!.parameters.push(parameter))).toEqual([
    'button_parameter_count',
  ]);
  expect(faultsAfter((it) => it.template.components.pop())).toContain('button_missing');
  expect(faultsAfter((it) => it.template.components.shift())).toContain('body_parameter_count');
  expect(faultsAfter((it) => (it.template.components[1]!.parameters[0]!.text = '1'))).toEqual([
    'code_differs',
  ]);
  expect(faultsAfter((it) => (it.template.name = 'other'))).toEqual(['template_differs']);
  expect(faultsAfter((it) => (it.template.language.code = 'en'))).toEqual(['language_differs']);
});

test('a definition that Meta would not take is refused', () => {
  const changed = (change: (it: typeof template) => void): unknown => {
    const copy = structuredClone(template);
    change(copy);
    return copy;
  };
  expect(parseTemplate(changed(() => undefined))).toEqual(template);
  expect(() => parseTemplate(changed((it) => (it.message_send_ttl_seconds = 29)))).toThrow();
  expect(() => parseTemplate(changed((it) => (it.components[1].code_expiration_minutes = 91)))).toThrow();
  expect(() => parseTemplate(changed((it) => (it.name = 'Upper Case')))).toThrow();
  expect(() => parseTemplate({ ...template, allow_category_change: true })).toThrow();
  // Ours: a message may not be delivered after the code in it has lapsed.
  expect(() => parseTemplate(changed((it) => (it.message_send_ttl_seconds = 301)))).toThrow(
    /outlives the code/,
  );
});

test('a folder with a broken or a doubled definition does not load, and the file is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'templates-'));
  const url = pathToFileURL(`${folder}/`);
  writeFileSync(join(folder, 'a.json'), JSON.stringify(template));
  expect(loadTemplates(url).authentication).toHaveLength(1);
  writeFileSync(join(folder, 'b.json'), JSON.stringify(template));
  expect(() => loadTemplates(url)).toThrow('two template files');
  writeFileSync(join(folder, 'b.json'), JSON.stringify({ ...template, name: '!' }));
  expect(() => loadTemplates(url)).toThrow(/^template b\.json: /);
  rmSync(folder, { recursive: true });
});
