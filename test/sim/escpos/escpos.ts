import type { MpopState, VirtualLanguage } from '../mpop/model.ts';
import { EscPosCommandParser } from './parser.ts';

/** What the model answers when a slip is done: process ids, GS r alone, or nothing. */
export type EscPosModel = 'process_id' | 'sensor' | 'no_answer';

const bit = (on: boolean, position: number) => (on ? 1 << position : 0);

/** Written bit by bit, and not with the till's decoder. */
function autoStatus(state: MpopState, high: boolean): Uint8Array {
  return Uint8Array.of(
    0x10 | bit(state.drawerOpen === high, 2) | bit(!state.online, 3) | bit(state.coverOpen, 5),
    bit(state.cutterError, 3) | bit(state.overheated, 6),
    (state.paper !== 'ok' ? 0x03 : 0) | (state.paper === 'out' ? 0x0c : 0),
    0x0f,
  );
}

function realtime(state: MpopState, high: boolean, n: number): Uint8Array {
  const error = state.cutterError || state.overheated;
  const body = [
    bit(state.drawerOpen === high, 2) | bit(!state.online, 3),
    bit(state.coverOpen, 2) | bit(state.paper === 'out', 5) | bit(error, 6),
    bit(state.cutterError, 3) | bit(state.overheated, 6),
    (state.paper !== 'ok' ? 0x0c : 0) | (state.paper === 'out' ? 0x60 : 0),
  ];
  return Uint8Array.of(0x12 | (body[n - 1] ?? 0));
}

/** An ESC/POS printer on the shared paper: new VirtualMpop({ clock, language: escPosLanguage('sensor') }). */
export function escPosLanguage(model: EscPosModel): VirtualLanguage {
  return {
    parser: new EscPosCommandParser(),
    status: (state, _etbExecuted, high) => autoStatus(state, high),
    answer(command, state, high) {
      if (command.kind === 'status_request') return realtime(state, high, command.n ?? 1);
      if (command.kind === 'process_id' && model === 'process_id')
        return Uint8Array.of(0x37, 0x22, ...command.id, 0x00);
      if (command.kind === 'sensor_request' && model !== 'no_answer')
        return Uint8Array.of((state.paper !== 'ok' ? 0x03 : 0) | (state.paper === 'out' ? 0x0c : 0));
      return null;
    },
  };
}
