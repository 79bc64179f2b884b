/** The connection to a printer as a table. */

export type LinkState =
  /** Not started, or stopped. */
  | 'stopped'
  /** Between two attempts. */
  | 'waiting'
  /** The port is being opened. */
  | 'opening'
  /** The port is open; the printer was asked for its status. */
  | 'greeting'
  /** The printer tells its status. */
  | 'ready'
  /** The port is open and the printer says nothing: a drawer can be fired, a slip cannot be confirmed. */
  | 'mute';

export type LinkEvent =
  | 'start'
  | 'stop'
  | 'retry_due'
  | 'opened'
  | 'open_failed'
  | 'status'
  | 'silence'
  | 'greet_again'
  | 'lost';

const TRANSITIONS: Record<LinkState, Partial<Record<LinkEvent, LinkState>>> = {
  stopped: { start: 'opening' },
  opening: { opened: 'greeting', open_failed: 'waiting', stop: 'stopped' },
  waiting: { retry_due: 'opening', stop: 'stopped' },
  greeting: { status: 'ready', silence: 'mute', lost: 'waiting', stop: 'stopped' },
  ready: { status: 'ready', lost: 'waiting', stop: 'stopped' },
  mute: { status: 'ready', greet_again: 'greeting', lost: 'waiting', stop: 'stopped' },
};

/** The next state, or null where the event means nothing in this state. */
export function nextLinkState(state: LinkState, event: LinkEvent): LinkState | null {
  return TRANSITIONS[state][event] ?? null;
}

/** Whether bytes can be written. */
export function isOpen(state: LinkState): boolean {
  return state === 'greeting' || state === 'ready' || state === 'mute';
}
