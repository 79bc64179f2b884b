/** Any order of slips, pulses and mishaps: what the till is told is what happened on paper. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { VirtualMpop } from '../../test/sim/mpop/mpop.ts';
import { slipText } from '../../test/sim/mpop/paper.ts';
import { connectVirtual } from '../../test/sim/mpop/virtual-cable.ts';
import type { PrintResult } from './print-job.ts';
import { PRINTER_LIMITS, PrinterSession } from './printer.ts';
import { encodeSlip } from './starprnt/encode.ts';
import { createVirtualPair } from './virtual.ts';

const STEPS = {
  print: null,
  pulse: null,
  openCover: (mpop: VirtualMpop) => mpop.openCover(),
  closeCover: (mpop: VirtualMpop) => mpop.closeCover(),
  littlePaper: (mpop: VirtualMpop) => mpop.setPaperMm(25),
  refill: (mpop: VirtualMpop) => mpop.refill(),
  unplug: (mpop: VirtualMpop) => mpop.unplug(),
  plug: (mpop: VirtualMpop) => mpop.plug(),
  powerCycle: (mpop: VirtualMpop) => mpop.powerCycle(),
  overheat: (mpop: VirtualMpop) => mpop.overheat(true),
  coolDown: (mpop: VirtualMpop) => mpop.overheat(false),
  rubbish: (mpop: VirtualMpop) => mpop.sendGarbage(Uint8Array.of(0x23, 0x06, 0xff, 0x00, 0x2f)),
} as const;

const step = fc.record({
  what: fc.oneof(
    { weight: 4, arbitrary: fc.constant('print' as const) },
    { weight: 8, arbitrary: fc.constantFrom(...(Object.keys(STEPS) as (keyof typeof STEPS)[])) },
  ),
  thenMs: fc.constantFrom(0, 3, 20, 60, 200, 900, 4_000),
});

function slipNumber(number: number) {
  const lines = Array.from({ length: 4 + (number % 9) }, (_, line) => ({
    kind: 'text' as const,
    text: `slip ${number} line ${line}`,
  }));
  return { lines: lines.map(({ text }) => text), encoded: encodeSlip({ elements: lines }, 32) };
}

/** Lines of slips that are cut off: whole in the person's hand. */
function slipsOnPaper(mpop: VirtualMpop): string[] {
  return mpop.slips.flatMap(({ elements }) => slipText(elements));
}

test('ok means printed whole, none means not printed at all', async () => {
  let okSeen = 0;
  let failedSeen = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 25 }),
      fc.boolean(),
      async (steps, autoStatusAtStart) => {
        const clock = new FakeClock();
        const mpop = new VirtualMpop({ clock, autoStatusAtStart });
        const { host, device } = createVirtualPair({ clock });
        connectVirtual(mpop, device);
        const random = { bytes: (count: number) => new Uint8Array(count), jitter: () => 0.5 };
        const limits = { ...PRINTER_LIMITS, resumeMs: 3_000, printMs: 3_000 };
        const options = { polarity: 'high_is_open', heartbeat: true } as const;
        const session = new PrinterSession(host, options, { clock, random }, limits);
        session.start();
        await clock.advance(20);

        const slips: { lines: string[]; result: PrintResult | null; printedAtOk: string[] }[] = [];
        for (const { what, thenMs } of steps) {
          if (what === 'print') {
            const { lines, encoded } = slipNumber(slips.length);
            const slip: (typeof slips)[number] = { lines, result: null, printedAtOk: [] };
            slips.push(slip);
            void session.print(encoded).then((result) => {
              slip.result = result;
              if (result.ok) slip.printedAtOk = slipsOnPaper(mpop);
            });
          } else if (what === 'pulse') void session.openDrawer();
          else STEPS[what](mpop);
          await clock.advance(thenMs);
        }
        mpop.closeCover();
        mpop.refill();
        mpop.overheat(false);
        mpop.plug();
        await clock.advance(240_000);

        const paper = [...slipsOnPaper(mpop), ...slipText(mpop.uncut)];
        for (const { lines, result, printedAtOk } of slips) {
          expect(result).not.toBeNull();
          const printed = lines.map((line) => paper.filter((other) => other === line).length);
          if (result?.ok) {
            expect(printed).toEqual(lines.map(() => 1));
            expect(printedAtOk).toEqual(expect.arrayContaining(lines)); // not a moment too early
          } else if (result?.sent === 'none') expect(printed).toEqual(lines.map(() => 0));
          else expect(Math.max(...printed)).toBeLessThanOrEqual(1);
          if (result?.ok) okSeen += 1;
          else failedSeen += 1;
        }
        expect(mpop.errors).toEqual([]);
        // Whatever happened, the next slip prints.
        const last = slipNumber(slips.length);
        let end: PrintResult | null = null;
        void session.print(last.encoded).then((result) => {
          end = result;
        });
        await clock.advance(20_000);
        expect(end).toEqual({ ok: true });
        await session.stop();
      },
    ),
    { numRuns: 300 },
  );
  // The mix holds both kinds, or this shows nothing.
  expect(Math.min(okSeen, failedSeen)).toBeGreaterThan(100);
}, 120_000);
