/** Names on the wire between a host and the screen. A file of its own, so that the sandboxed preload needs no schema. */

/** Electron IPC channels. */
export const IPC = { invoke: 'saksi:invoke', view: 'saksi:view', ready: 'saksi:ready' } as const;
/** Browser host: POST <invoke>/<method> with the input as JSON; GET <events>: SSE, `event: view`. Token in `x-saksi-token`. */
export const BROWSER_HOST_PATHS = { invoke: '/bridge/invoke', events: '/bridge/events' } as const;
export const BROWSER_TOKEN_HEADER = 'x-saksi-token';
