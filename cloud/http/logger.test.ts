import type { FastifyBaseLogger } from 'fastify';
import { expect, it } from 'vitest';
import { createLogger, createRequestLog } from './logger.ts';

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger('debug', { write: (line) => void lines.push(line) }));
  return lines.join('');
}

it('redacts what a careless caller hands it', () => {
  const text = logged((log) => {
    log.info({
      code: '482913',
      body: { phone: '+6281234567890', pin: '1234' },
      deep: { er: { secret: 's3cr3t' } },
    });
    log.info({ headers: { authorization: 'Bearer k3y' }, tillKey: 't1llk3y', accessToken: 't0k3n' });
  });
  for (const secret of ['482913', '6281234567890', '1234', 's3cr3t', 'k3y', 't1llk3y', 't0k3n']) {
    expect(text).not.toContain(secret);
  }
  expect(text.match(/\[redacted\]/g)).toHaveLength(7);
});

it('keeps of an error its name, first line, code and causes, not what a driver hangs on it', () => {
  const cause = Object.assign(new Error('duplicate key\nDetail: (phone)=(+6281234567890)'), {
    code: '23505',
    detail: 'Key (phone)=(+6281234567890)',
    parameters: ['482913'],
  });
  const text = logged((log) => log.error({ err: new Error('while saving', { cause }) }, 'failed'));
  expect(text).toContain('while saving');
  expect(text).toContain('23505');
  expect(text).toContain('duplicate key');
  expect(text).not.toContain('482913');
  expect(text).not.toContain('"detail"');
});

it('makes a request’s log when something is written, with what belongs to the request', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  let made = 0;
  const counted: FastifyBaseLogger = Object.assign(Object.create(logger), {
    child(...args: Parameters<FastifyBaseLogger['child']>) {
      made += 1;
      return logger.child(...args);
    },
  });
  const log = createRequestLog(counted, { requestId: 'r1' }, {});
  log.debug('not at this level');
  expect(made).toBe(0);
  log.info({ phone: '+6281234567890' }, 'first');
  log.error('second');
  expect(made).toBe(1);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { requestId: 'r1', phone: '[redacted]', msg: 'first' },
    { requestId: 'r1', level: 50, msg: 'second' },
  ]);
});
