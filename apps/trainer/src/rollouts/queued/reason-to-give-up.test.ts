import { expect, it } from 'vitest';
import { reasonToGiveUp } from './reason-to-give-up.ts';

it.each([
  ['all is well', { now: 1_000, heardAt: 900, queueSeenAt: 950 }, undefined],
  ['the patience is just used up', { now: 1_000, heardAt: 900, queueSeenAt: 900 }, undefined],
  ['no sampler was heard of', { now: 1_001, heardAt: 900, queueSeenAt: 1_000 }, 'no-sampler'],
  ['the queue is silent, though samplers live', { now: 1_001, heardAt: 1_000, queueSeenAt: 900 }, 'no-queue'],
  ['both are silent: without a queue no sampler could answer', { now: 2_000, heardAt: 900, queueSeenAt: 900 }, 'no-queue'],
])('when %s, the reason to give up is right', (_, silence, reason) => {
  expect(reasonToGiveUp(silence, 100)).toBe(reason);
});
