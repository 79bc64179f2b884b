import { describe, expect, it } from 'vitest';
import { loadTemplates } from '../whatsapp/templates.ts';
import { parseUtilityTemplate } from '../whatsapp/utility-templates.ts';
import { checkTemplate } from './check.ts';
import { readVersionName, shapeAtMeta, shapeOf, versionName, wordsHash } from './names.ts';

const { authentication, utility } = loadTemplates();
const [code] = authentication;
if (code === undefined) throw new Error('no template');

function saying(text: string, buttons: string[] = []) {
  const words = [...text.matchAll(/\{\{\d+\}\}/g)].map(() => 'kata');
  const body = { type: 'body', text, example: { body_text: [words] } };
  const row = { type: 'buttons', buttons: buttons.map((title) => ({ type: 'quick_reply', text: title })) };
  return parseUtilityTemplate({
    ...{ name: 'saksi_x', language: 'id', category: 'utility', message_send_ttl_seconds: 60 },
    components: buttons.length === 0 ? [body] : [body, row],
  });
}

describe('what Meta would reject', () => {
  it('is in none of our own templates', () => {
    for (const template of [...authentication, ...utility]) {
      expect([template.name, template.language, checkTemplate(template)]).toEqual([
        template.name,
        template.language,
        [],
      ]);
    }
  });

  it.each([
    ['a link', 'Lihat https://saksi.example/x untuk {{1}} sekarang juga.', 'link'],
    ['a bare address', 'Buka toko.co.id untuk {{1}} sekarang juga.', 'link'],
    ['an emoji', 'Halo {{1}} 🎉 selamat datang kembali.', 'emoji'],
    ['a flag', 'Halo {{1}} 🇮🇩 selamat datang kembali.', 'emoji'],
    ['a variable behind nothing but a mark', '*{{1}}* adalah kode toko kami.', 'placeholder_at_end'],
    ['a variable before nothing but a stop', 'Kode toko kami adalah {{1}}.', 'placeholder_at_end'],
    ['two variables side by side', 'Halo {{1}} {{2}} selamat datang kembali.', 'placeholders_adjacent'],
    ['hardly any words', 'A {{1}} b {{2}}, {{3}}, {{4}} c', 'too_many_placeholders'],
    ['blank lines', 'Halo semua,\n\n\nada {{1}} di sini.', 'blank_lines'],
    ['runs of spaces', 'Halo semua,     ada {{1}} di sini.', 'spaces'],
  ] as const)('%s', (_, text, fault) => {
    expect(checkTemplate(saying(text))).toEqual([fault]);
  });

  it.each([['Ya 👍'], ['a\nb'], ['{{1}}'], ['www.x.id'], ['   ']])('the button %j', (title) => {
    expect(checkTemplate(saying('Ada permintaan {{1}} dari kasir.', [title, 'Tolak']))).toEqual([
      'button_text',
    ]);
  });

  it('buttons that say the same', () => {
    expect(checkTemplate(saying('Ada permintaan {{1}} dari kasir.', ['Ya', 'Ya']))).toEqual([
      'buttons_alike',
    ]);
  });

  it('a code without the warning not to share it, or a button with an emoji', () => {
    const [body, footer, buttons] = code.components;
    const bare = { ...code, components: [{ type: body.type }, footer, buttons] as typeof code.components };
    expect(checkTemplate(bare)).toEqual(['disclaimer_missing']);
    const [button] = buttons.buttons;
    const odd = { ...buttons, buttons: [{ ...button, text: 'Salin 🔑' }] as typeof buttons.buttons };
    expect(checkTemplate({ ...code, components: [body, footer, odd] })).toEqual(['button_text']);
  });

  it('a name with no room for its version', () => {
    expect(checkTemplate({ ...code, name: 'a'.repeat(510) })).toEqual(['name_too_long']);
  });
});

describe('names and versions', () => {
  const bases = new Set(['saksi_code', 'saksi_code_v']);

  it('goes there and back', () => {
    for (const base of bases) {
      for (const version of [1, 2, 10]) {
        expect(readVersionName(versionName(base, version), bases)).toEqual({ base, version });
      }
    }
    for (const other of ['saksi', 'saksi_code_v1', 'saksi_code_v02', 'saksi_code_vx', 'x_saksi_code', '']) {
      expect(readVersionName(other, bases)).toBeNull();
    }
  });

  it('marks words, and not the name', () => {
    expect(wordsHash({ ...code, name: 'other' })).toBe(wordsHash(code));
    expect(wordsHash({ ...code, message_send_ttl_seconds: 60 })).not.toBe(wordsHash(code));
  });

  it('sees the same shape in what Meta lists', () => {
    const template = saying('Ada permintaan {{1}} dari {{2}} kasir.', ['Ya', 'Tolak']);
    expect(shapeAtMeta('utility', template.components[0].text, 2)).toBe(shapeOf(template));
    expect(shapeAtMeta('marketing', template.components[0].text, 2)).toBe(shapeOf(template));
    expect(shapeAtMeta('utility', 'Ada {{1}} di sini.', 2)).not.toBe(shapeOf(template));
    expect(shapeAtMeta('authentication', '*{{1}}* …', 1)).toBe(shapeOf(code));
  });
});
