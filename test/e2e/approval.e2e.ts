import { randomUUID } from 'node:crypto';
import { expect, type Page } from '@playwright/test';
import { type ApprovalKindPolicy, DEFAULT_APPROVALS } from '../../shared/approval-policy.ts';
import { DEFAULT_POLICY } from '../../shared/policy.ts';
import { SIM_DEFAULTS } from '../sim/graph/sim.ts';
import { type E2eShop, type PhoneMessage, test } from './shop-fixture.ts';
import { pair, signIn, word } from './till-steps.ts';

const APPROVE = 0;
const REJECT = 1;

test.use({ shopName: 'approvals' });
test.describe.configure({ mode: 'serial' });

test('a void: the supervisor taps Approve on the phone, the till shows it, the drawer opens', async ({
  shop,
  till: { page },
}) => {
  await pair(page, shop);
  await signIn(page, person(shop, 'Dewi'));
  const siti = person(shop, 'Siti');
  await askForVoid(page, 120_000, 'INV-501');
  await expect(page.getByText(siti.name).first()).toBeVisible();
  const request = await requestTo(shop, siti.phone);
  for (const fact of ['Dewi Lestari', '120.000', 'INV-501', shop.demo.storeName]) {
    expect(request.rendered.body).toContain(fact);
  }
  // On the supervisor's own screen, with a finger.
  const phones = await page.context().newPage();
  await phones.goto(shop.phonesUrl);
  const phone = phones.locator('section.phone', { hasText: siti.name });
  await phone
    .getByRole('button', { name: request.rendered.buttons[APPROVE]?.label ?? '' })
    .last()
    .click();
  await phones.close();
  await expectDecision(page, word('approvals.told.approved', { names: siti.name }));
  await expect
    .poll(() => shop.printer())
    .toMatchObject({ drawerPulses: 1, drawerOpen: true, slipCount: 1, errors: [] });
  const [slip] = (await shop.printer()).slips;
  expect(slip?.text.join('\n')).toContain(siti.name);
  expect(slip?.text.join('\n')).toMatch(/120\.000/);
  await shop.printerDo('close-drawer');
  await dismiss(page);
});

test('Reject with a reason in the next message: nothing moves, the cashier reads why', async ({
  shop,
  till: { page },
}) => {
  const siti = person(shop, 'Siti');
  await askForVoid(page, 15_000);
  await requestTo(shop, siti.phone);
  await tap(shop, siti.phone, REJECT);
  await expectDecision(page, word('approvals.told.rejected', { name: siti.name }));
  await shop.phones(`phones/${siti.phone.slice(1)}/reply`, 'POST', { text: 'Struk belum ada' });
  await expectDecision(
    page,
    word('approvals.told.rejectedWhy', { name: siti.name, reason: 'Struk belum ada' }),
  );
  expect(await shop.printer()).toMatchObject({ drawerPulses: 1, slipCount: 1 });
  await dismiss(page);
});

test('nobody answers: the next one is asked, and may decide', async ({ shop, till: { page } }) => {
  const agus = person(shop, 'Agus');
  await withVoid(shop, {
    steps: [
      { afterSeconds: 0, roles: ['supervisor'], staffIds: [] },
      { afterSeconds: 3, roles: ['manager'], staffIds: [] },
    ],
  });
  const before = (await shop.messagesTo(agus.phone)).length;
  await askForVoid(page, 20_000);
  expect((await shop.messagesTo(agus.phone)).length).toBe(before);
  await requestTo(shop, agus.phone, before);
  await tap(shop, agus.phone, APPROVE);
  await expectDecision(page, word('approvals.told.approved', { names: agus.name }));
  await expect.poll(async () => (await shop.printer()).drawerPulses).toBe(2);
  await dismiss(page);
});

test('two of three: one person counts once, however often they tap', async ({ shop, till: { page } }) => {
  const [siti, joko] = [person(shop, 'Siti'), person(shop, 'Joko')];
  await withVoid(shop, {
    tiers: [{ fromAmount: 0, fromBasisPoints: null, roles: ['supervisor', 'manager'], needed: 2 }],
    steps: [{ afterSeconds: 0, roles: ['supervisor', 'manager'], staffIds: [] }],
  });
  await askForVoid(page, 30_000);
  await requestTo(shop, siti.phone);
  await tap(shop, siti.phone, APPROVE);
  await tap(shop, siti.phone, APPROVE);
  await expect(page.getByText(word('approvals.votes', { yes: 1, needed: 2 }))).toBeVisible();
  expect((await shop.printer()).drawerPulses).toBe(2);
  await tap(shop, joko.phone, APPROVE);
  await expectDecision(page, new RegExp(`${siti.name}.*${joko.name}`));
  await expect.poll(async () => (await shop.printer()).drawerPulses).toBe(3);
  await dismiss(page);
});

test('forwarded to a stranger, tapped by the wrong person, by an unknown account: refused and recorded', async ({
  shop,
  till: { page },
}) => {
  await shop.setPolicy(DEFAULT_POLICY);
  const [siti, hendra] = [person(shop, 'Siti'), shop.demo.customers[3]];
  if (hendra === undefined) throw new Error('no demo');
  await askForVoid(page, 40_000);
  const request = await requestTo(shop, siti.phone);
  const refused = await refusals(shop);
  const stranger = { number: hendra.phone.slice(1), userId: 'ID.strangerstranger' };
  expect(await tapAs(shop, request, stranger)).toBe(200);
  await expect.poll(() => refusals(shop)).toBe(refused + 1);
  // Meta may leave the number out: an account that was never tied to anybody decides nothing.
  expect(await tapAs(shop, request, { number: null, userId: 'ID.nobodyknowsthisone' })).toBe(200);
  await expect.poll(() => refusals(shop)).toBe(refused + 2);
  expect(await statusOfNewest(shop)).toBe('pending');
  // Her own account without her number: known from the exchange at enrolment.
  await shop.phones(`phones/${siti.phone.slice(1)}`, 'PATCH', { hidesNumber: true });
  await tap(shop, siti.phone, APPROVE);
  await expectDecision(page, word('approvals.told.approved', { names: siti.name }));
  await shop.phones(`phones/${siti.phone.slice(1)}`, 'PATCH', { hidesNumber: false });
  await expect.poll(async () => (await shop.printer()).drawerPulses).toBe(4);
  await dismiss(page);
});

test('a double tap decides once; the second is answered and recorded', async ({ shop, till: { page } }) => {
  const siti = person(shop, 'Siti');
  await askForVoid(page, 50_000);
  await requestTo(shop, siti.phone);
  const refused = await refusals(shop);
  await Promise.all([tap(shop, siti.phone, APPROVE), tap(shop, siti.phone, APPROVE)]);
  await expectDecision(page, word('approvals.told.approved', { names: siti.name }));
  await expect.poll(() => refusals(shop)).toBe(refused + 1);
  expect((await shop.printer()).drawerPulses).toBe(5);
  await dismiss(page);
});

test('nobody may approve their own request, whatever their role', async ({ shop, till: { page } }) => {
  const [siti, joko] = [person(shop, 'Siti'), person(shop, 'Joko')];
  await page.keyboard.press('F9');
  await signIn(page, siti);
  const before = (await shop.messagesTo(siti.phone)).length;
  await askForVoid(page, 60_000);
  const request = await requestTo(shop, joko.phone);
  // She was not asked herself; and the message to another, tapped from her phone, is not hers to answer.
  const asked = (await shop.messagesTo(siti.phone)).slice(before);
  expect(asked.filter(({ rendered }) => rendered.buttons.length > 0)).toEqual([]);
  const refused = await refusals(shop);
  const userId = `ID.${siti.phone.slice(1)}`;
  expect(await tapAs(shop, request, { number: siti.phone.slice(1), userId })).toBe(200);
  await expect.poll(() => refusals(shop)).toBe(refused + 1);
  expect(await statusOfNewest(shop)).toBe('pending');
  await tap(shop, joko.phone, REJECT);
  await expectDecision(page, word('approvals.told.rejected', { name: joko.name }));
  await dismiss(page);
  await page.keyboard.press('F9');
  await signIn(page, person(shop, 'Dewi'));
});

test('it lapses; a tap after that moves nothing', async ({ shop, till: { page } }) => {
  test.setTimeout(90_000);
  const siti = person(shop, 'Siti');
  await withVoid(shop, {
    expirySeconds: 30,
    steps: [{ afterSeconds: 0, roles: ['supervisor'], staffIds: [] }],
  });
  await askForVoid(page, 70_000);
  await requestTo(shop, siti.phone);
  await expect(page.getByText(word('approvals.told.expired')).first()).toBeVisible({ timeout: 45_000 });
  const refused = await refusals(shop);
  await tap(shop, siti.phone, APPROVE);
  await expect.poll(() => refusals(shop)).toBe(refused + 1);
  expect(await statusOfNewest(shop)).toBe('expired');
  expect((await shop.printer()).drawerPulses).toBe(5);
  await dismiss(page);
});

test('twenty supervisors tap at the same moment: exactly one decision', async ({ shop, till: { page } }) => {
  const phones = await hireSupervisors(shop, 20);
  await withVoid(shop, { steps: [{ afterSeconds: 0, roles: ['supervisor'], staffIds: [] }] });
  const pulses = (await shop.printer()).drawerPulses;
  await askForVoid(page, 80_000);
  const requests = await Promise.all(phones.map((phone) => requestTo(shop, phone)));
  const answers = await Promise.all(
    requests.map((request, index) =>
      tapAs(shop, request, { number: (phones[index] ?? '').slice(1), userId: null }, index % 2),
    ),
  );
  expect(answers.every((status) => status === 200)).toBe(true);
  await expect.poll(() => statusOfNewest(shop)).toMatch(/approved|rejected/);
  const decided = await statusOfNewest(shop);
  const counted = await shop.query<{ decision: string }>(
    'select decision from approval_votes where approval_id = (select id from approvals order by created_at desc limit 1)',
  );
  expect(counted.map(({ decision }) => decision)).toEqual([decided === 'approved' ? 'approve' : 'reject']);
  await expect
    .poll(async () => (await shop.printer()).drawerPulses)
    .toBe(pulses + (decided === 'approved' ? 1 : 0));
});

interface Person {
  name: string;
  pin: string;
  phone: string;
}

function person(shop: E2eShop, start: string): Person {
  const found = shop.demo.staff.find(({ name }) => name.startsWith(start));
  if (found === undefined) throw new Error(`nobody called ${start}`);
  return { name: found.name, pin: found.pin, phone: found.phone ?? '' };
}

/** By keyboard: the panel, the first kind, how much, why, which sale. */
async function askForVoid(page: Page, amount: number, sale = ''): Promise<void> {
  const tiles = page.getByRole('group', { name: word('ask.kind') });
  const another = page.getByRole('button', { name: word('approvals.new') });
  // What was just dismissed may close the panel a moment after it was opened again.
  await expect(async () => {
    if (await another.isVisible()) await another.click({ timeout: 1000 });
    else if (!(await tiles.isVisible())) await page.keyboard.press('F7');
    await expect(tiles).toBeVisible({ timeout: 1000 });
  }).toPass();
  await page.keyboard.press('1');
  await page.getByRole('textbox', { name: /Rp/ }).fill(String(amount));
  await page.getByText('Salah barang').click();
  if (sale !== '') await page.getByLabel(word('ask.sale')).fill(sale);
  await page.getByRole('button', { name: word('ask.send') }).click();
  await expect(page.getByText(word('approvals.stage.pending')).first()).toBeVisible();
}

async function expectDecision(page: Page, told: string | RegExp): Promise<void> {
  await expect(page.getByText(told).first()).toBeVisible();
}

async function dismiss(page: Page): Promise<void> {
  await page.getByRole('button', { name: word('approvals.dismiss') }).click();
  await page.keyboard.press('Escape');
}

/** The newest message with buttons on that phone, once it is there; `after`: how many messages it had before. */
async function requestTo(shop: E2eShop, phone: string, after = 0): Promise<PhoneMessage> {
  let found: PhoneMessage | undefined;
  await expect
    .poll(async () => {
      const fresh = (await shop.messagesTo(phone)).slice(after);
      found = fresh.findLast(
        ({ direction, rendered }) => direction === 'to_phone' && rendered.buttons.length > 1,
      );
      const taken = await shop.query<{ open: boolean }>(
        "select exists (select 1 from approvals where status = 'pending') as open",
      );
      return found !== undefined && taken[0]?.open === true;
    })
    .toBe(true);
  // The one of the request before may still be the newest for a moment: the till says when this one arrived.
  await new Promise((resolve) => setTimeout(resolve, 500));
  found = (await shop.messagesTo(phone))
    .slice(after)
    .findLast(({ direction, rendered }) => direction === 'to_phone' && rendered.buttons.length > 1);
  if (found === undefined) throw new Error('no request on the phone');
  return found;
}

const tap = (shop: E2eShop, phone: string, button: number) =>
  shop.phones(`phones/${phone.slice(1)}/reply`, 'POST', { button });

/** A tap on somebody's message from another account, as a forwarded message or a forged client would make it. */
function tapAs(
  shop: E2eShop,
  request: PhoneMessage,
  from: { number: string | null; userId: string | null },
  index = APPROVE,
): Promise<number> {
  const button = request.rendered.buttons[index];
  const sender = {
    ...(from.number === null ? {} : { from: from.number }),
    ...(from.userId === null ? {} : { from_user_id: from.userId }),
  };
  const content =
    button?.kind === 'quick_reply'
      ? { type: 'button', button: { payload: button.payload, text: button.label } }
      : {
          type: 'interactive',
          interactive: { type: 'button_reply', button_reply: { id: button?.id, title: button?.label } },
        };
  return shop.webhook({
    messaging_product: 'whatsapp',
    metadata: {
      display_phone_number: SIM_DEFAULTS.displayPhoneNumber,
      phone_number_id: SIM_DEFAULTS.phoneNumberId,
    },
    contacts: [
      {
        profile: { name: 'X' },
        ...(from.number === null ? {} : { wa_id: from.number }),
        ...(from.userId === null ? {} : { user_id: from.userId }),
      },
    ],
    messages: [
      {
        ...sender,
        id: `wamid.${randomUUID()}`,
        timestamp: String(Math.floor(Date.now() / 1000)),
        context: { from: SIM_DEFAULTS.displayPhoneNumber, id: request.wamid },
        ...content,
      },
    ],
  });
}

async function refusals(shop: E2eShop): Promise<number> {
  const [row] = await shop.query<{ count: string }>('select count(*) as count from approval_taps');
  return Number(row?.count);
}

async function statusOfNewest(shop: E2eShop): Promise<string> {
  const [row] = await shop.query<{ status: string }>(
    'select status from approvals order by created_at desc limit 1',
  );
  return row?.status ?? 'none';
}

async function withVoid(shop: E2eShop, change: Partial<ApprovalKindPolicy>): Promise<void> {
  const kinds = DEFAULT_APPROVALS.kinds.map((kind) => (kind.key === 'void' ? { ...kind, ...change } : kind));
  await shop.setPolicy({ ...DEFAULT_POLICY, approvals: { ...DEFAULT_APPROVALS, kinds } });
}

/** More supervisors, with verified numbers and phones of their own. @returns their numbers, all supervisors' */
async function hireSupervisors(shop: E2eShop, count: number): Promise<string[]> {
  const phones = Array.from({ length: count }, (_, index) => `+62813000${String(10_000 + index)}`);
  for (const [index, phone] of phones.entries()) {
    await shop.phones('phones', 'POST', { number: phone.slice(1), name: `Supervisor ${index + 1}` });
    const id = randomUUID();
    await shop.query(
      `insert into staff (id, store_id, name, role, pin, phone_e164, active, created_at)
       select $1, store_id, $2, role, pin, $3, active, created_at from staff where name = 'Siti Rahma'`,
      [id, `Supervisor ${index + 1}`, phone],
    );
    await shop.query(
      "insert into staff_identities (staff_id, phone_e164, verified_at, how) values ($1, $2, 0, 'admin')",
      [id, phone],
    );
  }
  return phones;
}
