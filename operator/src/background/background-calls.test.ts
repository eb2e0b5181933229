import { expect, it } from 'vitest';
import { BackgroundCalls } from './background-calls.ts';

function ground(limit = 10) {
  const ended: string[] = [];
  const waiting = new Map<string, () => void>();
  const calls = new BackgroundCalls<string>({
    limit,
    ended: (key) => {
      ended.push(key);
      waiting.get(key)?.();
    },
  });
  const endOf = (key: string): Promise<void> => new Promise((resolve) => waiting.set(key, resolve));
  return { calls, ended, endOf };
}

it('a call is pending until it ends, and then says what came of it', async () => {
  const { calls, endOf } = ground();
  const { promise, resolve } = Promise.withResolvers<string>();
  expect(calls.state('a')).toEqual({ kind: 'none' });
  calls.start('a', 10_000, () => promise);
  expect(calls.state('a')).toEqual({ kind: 'pending' });
  const end = endOf('a');
  resolve('saved');
  await end;
  expect(calls.state('a')).toEqual({ kind: 'done', value: 'saved' });
});

it('a key has one call at most', async () => {
  const { calls, endOf } = ground();
  let started = 0;
  const work = async (): Promise<string> => `call ${(started += 1)}`;
  const end = endOf('a');
  calls.start('a', 10_000, work);
  calls.start('a', 10_000, work);
  await end;
  calls.start('a', 10_000, work);
  expect(started).toBe(1);
});

it('a call that heeds no signal fails at its deadline all the same', async () => {
  const { calls, endOf } = ground();
  const end = endOf('a');
  calls.start('a', 5, () => new Promise(() => undefined));
  await end;
  expect(calls.state('a')).toMatchObject({ kind: 'failed', error: new Error('not done within 0 s') });
});

it('a forgotten call is stopped and tells nobody of its end', async () => {
  const { calls, ended, endOf } = ground();
  let stopped = false;
  calls.start('a', 10_000, (signal) => new Promise(() => signal.addEventListener('abort', () => (stopped = true))));
  calls.forget('a');
  const end = endOf('b');
  calls.start('b', 10_000, async () => 'b');
  await end;
  expect({ stopped, ended, state: calls.state('a') }).toEqual({ stopped: true, ended: ['b'], state: { kind: 'none' } });
});

it('a call beyond the limit is not started, and may be when another has ended', async () => {
  const { calls, endOf } = ground(1);
  const { promise, resolve } = Promise.withResolvers<string>();
  calls.start('a', 10_000, () => promise);
  expect(calls.start('b', 10_000, async () => 'b')).toBe(false);
  expect(calls.state('b')).toEqual({ kind: 'none' });
  const end = endOf('a');
  resolve('a');
  await end;
  expect(calls.start('b', 10_000, async () => 'b')).toBe(true);
});
