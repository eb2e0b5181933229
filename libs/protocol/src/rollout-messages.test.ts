import { describe, expect, it } from 'vitest';
import { checkPayload, parsePayload } from './parse-payload.ts';
import { RolloutResult, type RolloutSuccess } from './rollout-result.ts';
import { RolloutTask } from './rollout-task.ts';

const revision = `sha256:${'5f'.repeat(32)}`;
const task: RolloutTask = {
  version: 1,
  requestId: 'r',
  taskId: 't',
  replyTo: '_INBOX.a.r',
  items: [{ input: { conversation: [{ role: 'user', content: 'What is 2 + 2?' }], responses: ['4', '5'] }, samples: [{ index: 0, seed: 0xffff_ffff }], hint: 1 }],
  template: 'compact',
  principles: false,
  temperature: 1,
  maxTokens: 64,
  policy: { revision, bucket: 'grm-policy-default-nano', name: '5f'.repeat(32) },
  deadline: 1,
};
const success: RolloutSuccess = {
  requestId: 'r',
  taskId: 't',
  items: [{ samples: [{ index: 0, seed: 7, text: ' Scores', order: [1, 0], tokens: [3, 0], logprobs: [-0.5, -1.25], finishReason: 'stop' }] }],
  promptTokens: 12,
  policy: revision,
  deliveries: 1,
  timings: { queueMs: 0.5, runMs: 3 },
};
const overTheWire = (result: unknown) => parsePayload(RolloutResult, new TextEncoder().encode(JSON.stringify(result)), 'RolloutResult');

describe('a rollout task', () => {
  it('survives the wire as it is', () => {
    expect(parsePayload(RolloutTask, JSON.stringify(task), 'RolloutTask')).toEqual(task);
  });

  it('takes the texts of training data as they are: empty, huge, or with a lone surrogate', () => {
    const input = { conversation: [{ role: 'user' as const, content: '' }], responses: ['', 'x'.repeat(100_000), '\ud800'] };
    const odd = { ...task, items: [{ input, samples: [] }] };
    expect(parsePayload(RolloutTask, JSON.stringify(odd), 'RolloutTask')).toEqual(odd);
  });

  it.each([
    ['no item', { items: [] }, 'items'],
    ['more items than one task may have', { items: Array.from({ length: 1_025 }, () => task.items[0]) }, 'items'],
    ['a revision that is no digest', { policy: { ...task.policy, revision: 'r1' } }, 'policy.revision'],
    ['a bucket with a dot', { policy: { ...task.policy, bucket: 'a.b' } }, 'policy.bucket'],
    ['no tokens', { maxTokens: 0 }, 'maxTokens'],
  ])('with %s is refused by the field', (_, change, path) => {
    expect(() => checkPayload(RolloutTask, { ...task, ...change }, 'RolloutTask')).toThrow(expect.objectContaining({ code: 'invalid-request', issues: expect.arrayContaining([expect.objectContaining({ path })]) }));
  });
});

describe('a rollout result', () => {
  it('keeps every bit of a float32 log-probability', () => {
    const bits = Uint32Array.from({ length: 20_000 }, (_, index) => Math.imul(index + 1, 0x9e37_79b1));
    const edges = [0, -1.401298464324817e-45, -1.1754943508222875e-38, -3.4028234663852886e38, -Math.fround(0.1)];
    const logprobs = [...edges, ...new Float32Array(bits.buffer)].filter((value) => Number.isFinite(value) && !Object.is(value, -0));
    const [sample] = success.items[0]?.samples ?? [];
    const received = overTheWire({ ...success, items: [{ samples: [{ ...sample, logprobs }] }] });
    if (!('items' in received)) throw new Error('not read as a success');
    expect(Float32Array.from(received.items[0]?.samples[0]?.logprobs ?? [])).toEqual(Float32Array.from(logprobs));
    expect(logprobs.length).toBeGreaterThan(19_000);
  });

  it('is one of three, told apart by what it holds', () => {
    const failure = { requestId: 'r', taskId: 't', error: { code: 'invalid-request', message: 'no' } };
    const stale = { requestId: 'r', taskId: 't', stale: { asked: revision, newest: `sha256:${'0'.repeat(64)}` } };
    expect([success, failure, stale].map(overTheWire)).toEqual([success, failure, stale]);
  });
});
