/**
 * The far end of two serial lines, in a process of its own: tells its parent the moment of each drawer pulse and
 * of each slip's end mark, in nanoseconds of the system's monotonic clock (the same in all processes of a machine).
 */
import { systemClock } from '../../shared/effects.ts';
import { VirtualMpop } from '../sim/mpop/mpop.ts';
import { connectPty } from '../sim/mpop/pty.ts';

export type FarEndMessage = { lines: string[] } | { line: number; what: 'pulse' | 'slip'; at: string };

const tell = (message: FarEndMessage) => process.send?.(message);

const mpops = [0, 1].map(
  () => new VirtualMpop({ clock: systemClock, printMmPerSecond: null, bytesPerSecond: null }),
);
const cables = await Promise.all(mpops.map(connectPty));
mpops.forEach((mpop, line) => {
  let pulses = 0;
  let ended = mpop.state.etbCounter;
  mpop.onChange(() => {
    const pulsed = mpop.drawerPulses.length !== pulses;
    if (!pulsed && mpop.state.etbCounter === ended) return;
    tell({ line, what: pulsed ? 'pulse' : 'slip', at: String(process.hrtime.bigint()) });
    pulses = mpop.drawerPulses.length;
    ended = mpop.state.etbCounter;
    setImmediate(() => {
      mpop.closeDrawer();
      mpop.refill();
    });
  });
});
process.once('disconnect', () => {
  Promise.all(cables.map((cable) => cable.close())).then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
tell({ lines: cables.map(({ path }) => path) });
