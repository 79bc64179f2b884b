import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../shared/effects.ts';
import { LOOPBACK_LIMITS } from './limits.ts';
import { openStateStream, type StateStream } from './state-stream.ts';

/** A reader whose buffer the test fills and empties. */
class FakeResponse extends EventEmitter {
  readonly chunks: string[] = [];
  full = false;
  ended = false;
  destroyed = false;
  writeHead() {}
  flushHeaders() {}
  write(chunk: string) {
    this.chunks.push(chunk);
    return !this.full;
  }
  end() {
    this.ended = true;
    this.emit('close');
  }
  destroy() {
    this.destroyed = true;
    this.emit('close');
  }
}

let response: FakeResponse;
let timer: (() => void) | null;
let closed: number;
let stream: StateStream;

const clock: Clock = {
  now: () => 0,
  monotonic: () => 0,
  schedule: (delayMs, fn) => {
    expect(delayMs).toBe(LOOPBACK_LIMITS.heartbeatMs);
    timer = fn;
    return () => {
      timer = null;
    };
  },
};

beforeEach(() => {
  response = new FakeResponse();
  closed = 0;
  stream = openStateStream({
    response: response as unknown as ServerResponse,
    headers: {},
    event: 'view',
    clock,
    onClosed: () => {
      closed += 1;
    },
  });
});

describe('a stream of states', () => {
  it('sends each state to a reader that keeps up', () => {
    stream.push('1');
    stream.push('2');
    expect(response.chunks).toEqual(['event: view\ndata: 1\n\n', 'event: view\ndata: 2\n\n']);
  });

  it('sends a slow reader only the newest once it can take it', () => {
    response.full = true;
    stream.push('1');
    for (const data of ['2', '3', '4']) stream.push(data);
    expect(response.chunks).toHaveLength(1);
    response.full = false;
    response.emit('drain');
    expect(response.chunks.slice(1)).toEqual(['event: view\ndata: 4\n\n']);
  });

  it('ends only after the last state has been sent', () => {
    response.full = true;
    stream.push('1');
    stream.push('2');
    stream.end();
    stream.push('3');
    expect(response.ended).toBe(false);
    response.full = false;
    response.emit('drain');
    expect([response.chunks.at(-1), response.ended]).toEqual(['event: view\ndata: 2\n\n', true]);
  });

  it('breaks the silence, and stops when the reader leaves', () => {
    timer?.();
    timer?.();
    expect(response.chunks).toEqual([': still here\n\n', ': still here\n\n']);
    response.emit('close');
    expect([timer, closed]).toEqual([null, 1]);
  });

  it('cuts a reader that takes nothing any more', () => {
    response.full = true;
    stream.push('1');
    for (let i = 1; i < LOOPBACK_LIMITS.stalledHeartbeats; i += 1) timer?.();
    expect(response.destroyed).toBe(false);
    timer?.();
    expect([response.destroyed, closed, timer]).toEqual([true, 1, null]);
  });
});
