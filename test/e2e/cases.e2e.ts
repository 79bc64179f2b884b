import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Download, expect, type Page } from '@playwright/test';
import { DEFAULT_ALERTS } from '../../shared/alert-policy.ts';
import { plantVoids } from '../fixtures/plant-fraud.ts';
import { type E2eShop, test } from './shop-fixture.ts';
import { pair, screen, signIn, word } from './till-steps.ts';

/** A fraud, from the message about it to a file that proves it. */
test.use({ shopName: 'a fraud and a case' });
test.describe.configure({ mode: 'serial' });
test.setTimeout(300_000);

const GUILTY_NAME = 'Bima Prakoso';

async function plant(shop: E2eShop): Promise<void> {
  const { storeId } = shop.demo;
  const [till] = await shop.query<{ id: string; timezone: string }>(
    'select t.id, s.timezone from tills t join stores s on s.id = t.store_id where s.id = $1 and t.paired_at is not null',
    [storeId],
  );
  if (till === undefined) throw new Error('no till is paired');
  const place = { storeId, tillId: till.id, timezone: till.timezone, now: Date.now() };
  const { cashiers, events } = plantVoids(place);
  await shop.query(
    `insert into staff (id, store_id, name, role, pin, created_at)
      select c.id, $1, case c.place when 1 then $3 else 'Kasir ' || c.place end, 'cashier', f.pin, 0
      from unnest($2::uuid[]) with ordinality as c (id, place)
        cross join (select pin from staff where store_id = $1 limit 1) f`,
    [storeId, cashiers, GUILTY_NAME],
  );
  await shop.query(
    `insert into audit_staged (store_id, till_id, at, kind, staff_id, approver_id, customer_id, sale_ref, subject_id,
        asset, amount, outcome, detail)
      select * from jsonb_to_recordset($1::jsonb) as e (store_id uuid, till_id uuid, at bigint, kind text, staff_id uuid,
        approver_id uuid, customer_id uuid, sale_ref text, subject_id uuid, asset text, amount bigint, outcome text,
        detail text)`,
    [JSON.stringify(events)],
  );
}

/** Both files of a case, whichever comes first. */
async function saveEvidence(page: Page, click: () => Promise<void>): Promise<Map<string, string>> {
  const files: Download[] = [];
  page.on('download', (file) => files.push(file));
  await click();
  await expect.poll(() => files.length, { timeout: 60_000 }).toBe(2);
  const paths = new Map<string, string>();
  for (const file of files) paths.set(file.suggestedFilename().split('.').at(-1) ?? '', await file.path());
  return paths;
}

const verify = (file: string) => {
  const script = join(import.meta.dirname, '..', '..', 'scripts', 'verify.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, file], { encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
};

test('from a planted fraud over the digest to a case, and to evidence that an edit betrays', async ({
  shop,
  till: { page },
}, info) => {
  await pair(page, shop);
  const manager = shop.demo.staff.find(({ role }) => role === 'manager');
  if (manager?.phone == null) throw new Error('no manager');
  const { phone } = manager;
  const policy = (await shop.admin('policy', 'show', '--store', shop.demo.storeId)) as object;
  const alerts = { ...DEFAULT_ALERTS, from: 'low', quiet: { from: 0, to: 0 }, groupMinutes: 0 };
  await shop.setPolicy({ ...policy, alerts });
  await plant(shop);
  expect(await shop.admin('signals', 'look')).toMatchObject({ found: expect.any(Number) });

  // The gateway looks once a minute.
  await expect
    .poll(async () => (await shop.messagesTo(phone)).map(({ rendered }) => rendered.body).join('\n'), {
      timeout: 90_000,
    })
    .toMatch(/Temuan baru: \d+\. Yang terberat: Pembatalan transaksi/);

  await signIn(page, manager);
  const notice = page.getByRole('alert').filter({ hasText: /Temuan yang belum dilihat: \d+/ });
  await notice.getByRole('button', { name: word('alerts.look'), exact: true }).click();
  await expect(page.getByRole('textbox', { name: /PIN/ })).toBeFocused();
  await page.keyboard.type(manager.pin);
  await page.keyboard.press('Enter');
  const voids = page.getByRole('row', { name: new RegExp(word('digest.figure.voids')) });
  await expect(voids.getByRole('cell').first()).toHaveText('3');
  const alert = page.getByRole('listitem').filter({ hasText: `Pembatalan transaksi, ${GUILTY_NAME}` });
  await alert.getByRole('button', { name: word('cases.look') }).click();

  const finding = page.getByRole('region', { name: word('findings.detail') });
  await expect(finding).toContainText(GUILTY_NAME);
  await finding.getByRole('button', { name: /Kejadian di baliknya/ }).click();
  await expect(finding.getByRole('listitem').first()).toContainText(word('timeline.kind.approval.approved'));
  await finding.getByRole('button', { name: word('cases.put') }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: word('cases.putYes') })
    .click();

  await expect(screen(page, 'cases')).toBeVisible();
  const detail = page.getByRole('region', { name: word('cases.detail') });
  await expect(detail).toContainText(`Kasus 1: Pembatalan transaksi: ${GUILTY_NAME}`);
  await detail.getByLabel(word('cases.note')).fill('Diperiksa bersama kepala toko.');
  await page.keyboard.press('Enter');
  await expect(detail).toContainText('Diperiksa bersama kepala toko.');

  const files = await saveEvidence(page, () =>
    detail.getByRole('button', { name: word('cases.export') }).click(),
  );
  await expect(detail).toContainText(word('cases.entry.exported'));
  const evidence = readFileSync(files.get('jsonl') ?? '', 'utf8');
  expect(readFileSync(files.get('pdf') ?? '', 'latin1')).toMatch(/^%PDF-/);
  const whole = info.outputPath('whole.jsonl');
  writeFileSync(whole, evidence);
  expect(verify(whole)).toMatchObject({ status: 0, said: expect.stringContaining('whole') });

  // One void less, in one line.
  const lines = evidence.split('\n');
  const edited = lines.findIndex(
    (line) => line.includes('\\"action\\":\\"void\\"') || line.includes('"action":"void"'),
  );
  expect(edited).toBeGreaterThan(0);
  const seq = /"seq":(\d+)/.exec(lines[edited] ?? '')?.[1];
  lines[edited] = (lines[edited] ?? '').replace('void', 'sale');
  const altered = info.outputPath('altered.jsonl');
  writeFileSync(altered, lines.join('\n'));
  const verdict = verify(altered);
  expect(verdict.status).toBe(1);
  expect(verdict.said).toMatch(new RegExp(`event ${seq} of store`));

  // What was done in the case is in the audit list.
  await expect
    .poll(async () =>
      (
        await shop.query<{ kind: string }>(
          "select kind from audit_events where kind like 'case.%' order by id",
        )
      ).map(({ kind }) => kind),
    )
    .toEqual(['case.opened', 'case.noted', 'case.exported']);
});

test('and goes on without a till, on the gateway’s own page', async ({ shop, page }, info) => {
  const manager = shop.demo.staff.find(({ role }) => role === 'manager');
  if (manager === undefined) throw new Error('no manager');
  const { link } = (await shop.admin('web', 'link', '--staff', manager.id)) as { link: string };
  await page.goto(`${shop.gatewayUrl}${link.slice(link.indexOf('/web/'))}`);
  const pages = page.getByRole('navigation', { name: word('web.pages') });
  await expect(pages).toBeVisible();
  await expect(page.getByRole('row', { name: new RegExp(word('digest.figure.voids')) })).toBeVisible();
  // The link works once, and is not on the address any more.
  expect(new URL(page.url()).hash).toBe('#/digest');

  await pages.getByRole('button', { name: word('cases.title') }).click();
  const detail = page.getByRole('region', { name: word('cases.detail') });
  await expect(detail).toContainText(`Kasus 1: Pembatalan transaksi: ${GUILTY_NAME}`);
  await detail.getByLabel(word('cases.note')).fill('Dilanjutkan dari kantor.');
  await page.keyboard.press('Enter');
  await expect(detail).toContainText('Dilanjutkan dari kantor.');
  const saved = page.waitForEvent('download');
  await detail.getByRole('button', { name: word('cases.export') }).click();
  const file = info.outputPath('without-a-till.jsonl');
  await (await saved).saveAs(file);
  await expect(detail).toContainText(word('cases.exportedEvidence'));
  expect(verify(file)).toMatchObject({ status: 0, said: expect.stringContaining('whole') });

  // What is done is in the list as it is followed, and so is who came in.
  await pages.getByRole('button', { name: word('timeline.title'), exact: true }).click();
  const list = page.getByRole('main');
  await expect(list.getByText(word('timeline.kind.case.exported')).first()).toBeVisible();
  await expect(list.getByText(word('timeline.kind.audit.read')).first()).toBeVisible();
  await page.reload();
  await expect(list.getByText(word('timeline.kind.audit.read')).first()).toBeVisible();
  await page.getByRole('button', { name: word('nav.signOut') }).click();
  await expect(page.getByRole('heading', { name: word('web.signIn.title') })).toBeVisible();
});
