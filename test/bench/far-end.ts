/**
 * The far end of two serial lines, in a process of its own: tells its parent the moment of each drawer pulse and
 * of each slip's end mark, in nanoseconds of the system's monotonic clock (the same in all processes of a machine).
 */
import { sleep, systemClock } from '../../shared/effects.ts';
import { VirtualMpop } from '../sim/mpop/mpop.ts';
import { connectPty } from '../sim/mpop/pty.ts';

export type FarEndMessage = { lines: string[] } | { line: number; what: 'pulse' | 'slip'; at: string };

/** A pseudo terminal has no speed: read at the line's own, as many bytes as fit into a moment at a time. */
const BYTES_PER_MS = 115_200 / 10 / 1000;
const MOMENT_MS = 4;
const PIECE = Math.floor(BYTES_PER_MS * MOMENT_MS);

function paced(mpop: VirtualMpop): Pick<VirtualMpop, 'attach' | 'onChange' | 'state'> {
  return {
    get state() {
      return mpop.state;
    },
    onChange: (listener) => mpop.onChange(listener),
    attach(connection) {
      const attached = mpop.attach(connection);
      if (attached === null) return null;
      let freeAt = 0;
      return {
        ...attached,
        async receive(bytes) {
          freeAt = Math.max(freeAt, systemClock.monotonic());
          for (let at = 0; at < bytes.length; at += PIECE) {
            const piece = bytes.subarray(at, at + PIECE);
            // By the line's own time, so that a timer that is late makes up for it.
            freeAt += piece.length / BYTES_PER_MS;
            await sleep(systemClock, Math.max(0, freeAt - systemClock.monotonic()));
            await attached.receive(piece);
          }
        },
      };
    },
  };
}

const tell = (message: FarEndMessage) => process.send?.(message);

const mpops = [0, 1].map(
  () => new VirtualMpop({ clock: systemClock, printMmPerSecond: null, bytesPerSecond: null }),
);
const cables = await Promise.all(
  mpops.map((mpop) => connectPty(process.argv[2] === 'paced' ? paced(mpop) : mpop)),
);
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
