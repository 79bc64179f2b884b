/**
 * The far end of two serial lines, in a process of its own: tells its parent the moment of each drawer pulse, in
 * nanoseconds of the system's monotonic clock (the same in all processes of a machine).
 */
import { systemClock } from '../../shared/effects.ts';
import { VirtualMpop } from '../sim/mpop/mpop.ts';
import { connectPty } from '../sim/mpop/pty.ts';

export type FarEndMessage = { lines: string[] } | { line: number; at: string };

const tell = (message: FarEndMessage) => process.send?.(message);

const mpops = [0, 1].map(
  () => new VirtualMpop({ clock: systemClock, printMmPerSecond: null, bytesPerSecond: null }),
);
const cables = await Promise.all(mpops.map(connectPty));
mpops.forEach((mpop, line) => {
  let seen = 0;
  mpop.onChange(() => {
    if (mpop.drawerPulses.length === seen) return;
    seen = mpop.drawerPulses.length;
    tell({ line, at: String(process.hrtime.bigint()) });
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
