import type { MpopState, VirtualLanguage } from './model.ts';

/**
 * The automatic status as the printer sends it: 9 bytes, version 3 (status up to printer status 7). Written
 * from Star's table bit by bit, and not with the till's decoder, so that the two check each other.
 */
export function asbFrame(state: MpopState, etbExecuted: boolean, switchHighWhenOpen: boolean): Uint8Array {
  const bit = (on: boolean, position: number) => (on ? 1 << position : 0);
  const counterBit = (from: number, to: number) => bit((state.etbCounter & (1 << from)) !== 0, to);
  return Uint8Array.of(
    0x23,
    0x06,
    bit(state.coverOpen, 5) |
      bit(!state.online, 3) |
      bit(state.drawerOpen === switchHighWhenOpen, 2) |
      bit(etbExecuted, 1),
    bit(state.overheated, 6) | bit(state.cutterError, 3),
    0,
    bit(state.paper === 'out', 3) | bit(state.paper !== 'ok', 2),
    0,
    counterBit(4, 6) | counterBit(3, 5) | counterBit(2, 3) | counterBit(1, 2) | counterBit(0, 1),
    0,
  );
}

/** What Star's printers answer, whichever of their languages is parsed. */
export function starLanguage(parser: VirtualLanguage['parser']): VirtualLanguage {
  return {
    parser,
    status: asbFrame,
    answer: (command, state, high) =>
      command.kind === 'status_request' ? asbFrame(state, false, high) : null,
  };
}
