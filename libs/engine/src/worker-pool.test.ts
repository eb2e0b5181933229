import { expect, test } from 'vitest';
import { EngineBusyError } from './engine-busy-error.ts';
import { WorkerPool } from './worker-pool.ts';

test('lends each worker to one borrower at a time, first come first served', async () => {
  const pool = new WorkerPool(['a', 'b'], 10);
  const [first, second] = await Promise.all([pool.borrow(), pool.borrow()]);
  expect([first.worker, second.worker]).toEqual(['a', 'b']);
  const order: string[] = [];
  const third = pool.borrow().then((loan) => order.push(`third ${loan.worker}`) && loan);
  const fourth = pool.borrow().then((loan) => order.push(`fourth ${loan.worker}`) && loan);
  expect(pool.waiting).toBe(2);
  second[Symbol.dispose]();
  first[Symbol.dispose]();
  await Promise.all([third, fourth]);
  expect(order).toEqual(['third b', 'fourth a']);
});

test('refuses a borrower at once when enough wait', async () => {
  const pool = new WorkerPool(['a'], 1);
  await pool.borrow();
  void pool.borrow();
  await expect(pool.borrow()).rejects.toThrow(EngineBusyError);
});

test('forgets a borrower who stops waiting', async () => {
  const pool = new WorkerPool(['a'], 1);
  const held = await pool.borrow();
  const leaving = new AbortController();
  const gone = pool.borrow(leaving.signal);
  leaving.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  const next = pool.borrow();
  held[Symbol.dispose]();
  expect((await next).worker).toBe('a');
});

test('lends all workers at once, after those who came before and before those who come later', async () => {
  const pool = new WorkerPool(['a', 'b'], 1);
  const held = await pool.borrow();
  const order: string[] = [];
  const all = pool.borrowAll();
  void all.then(() => order.push('all'));
  const later = pool.borrow().then(() => order.push('later'));
  held[Symbol.dispose]();
  const loans = await all;
  expect(loans.map(({ worker }) => worker).toSorted()).toEqual(['a', 'b']);
  for (const loan of loans) loan[Symbol.dispose]();
  await later;
  expect(order).toEqual(['all', 'later']);
});
