/** Who cheats in the made year, how, from when until when. Nothing here knows how signals look for it. */
import { SIGNAL_IDS } from '../../shared/signal-policy.ts';
import { createPrng, type Prng } from '../sim-shop/prng.ts';
import type { Chain } from './chain.ts';
import { ACTS } from './fraud-acts.ts';
import type { Fraud, Level, Scene } from './frauds.ts';

const LEVELS: readonly Level[] = ['steady', 'brazen', 'careful', 'steady'];
const WEEKS = { least: 6, most: 10 };

export function planFrauds(prng: Prng, chain: Chain, perKind: number, level?: Level): Fraud[] {
  const used = new Set<string>();
  const frauds: Fraud[] = [];
  for (let round = 0; round < perKind; round += 1) {
    for (const signal of SIGNAL_IDS) {
      frauds.push(
        plan(
          prng,
          chain,
          { signal, level: level ?? LEVELS[round % LEVELS.length] ?? 'steady', number: frauds.length },
          used,
        ),
      );
    }
  }
  return frauds;
}

function plan(
  prng: Prng,
  { outlets, days }: Chain,
  { signal, level, number }: Pick<Fraud, 'signal' | 'level' | 'number'>,
  used: Set<string>,
): Fraud {
  const length = Math.min(7 * prng.between(WEEKS.least, WEEKS.most), days - 14);
  const from = prng.between(7, days - length - 1);
  const until = from + length;
  const there = outlets.flatMap(({ cashiers }) =>
    cashiers.filter((it) => it.from <= from && it.until >= until),
  );
  const fresh = there.filter(({ id }) => !used.has(id));
  const cashier = prng.pick(fresh.length > 0 ? fresh : there);
  const { outlet } = cashier;
  const supervisors = outlet.supervisors.filter(({ id, clumsy }) => !used.has(id) && !clumsy);
  const supervisor = prng.pick(supervisors.length > 0 ? supervisors : outlet.supervisors);
  const customers = outlet.customers.filter(({ phoneTag }) => !used.has(phoneTag));
  const customer = prng.pick(customers);
  const till = prng.pick(outlet.tills);
  const { who } = ACTS[signal];
  const personId = {
    cashier: cashier.id,
    approver: supervisor.id,
    customer: customer.phoneTag,
    phone: customer.phoneTag,
    till: till.id,
  }[who];
  used.add(personId);
  return { number, signal, level, outlet, personId, cashier, supervisor, customer, till, from, until };
}

/** What a fraud adds to a day, beside the honest work of the same people. */
export function commit(fraud: Fraud, scene: Scene): void {
  const { recorder, day, desks } = scene;
  const act = ACTS[fraud.signal];
  const prng = createPrng(fraud.number * 1009 + day).fork(scene.chain.outlets[0]?.id ?? '');
  recorder.plant(fraud.number, () => {
    if (act.who === 'cashier' && act.alone !== true) {
      for (const desk of desks)
        if (desk.shift.cashier === fraud.cashier) act.commit(fraud, { ...scene, desk, prng });
      return;
    }
    const [desk] = desks.filter(({ shift }) => shift.outlet === fraud.outlet);
    if (desk !== undefined) act.commit(fraud, { ...scene, desk, prng });
  });
}
