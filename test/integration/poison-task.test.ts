import { waitUntil } from '@grm/controller-runtime/testing';
import { headerNames, type SampleTask } from '@grm/protocol';
import { jetstream, type StoredMsg } from '@nats-io/jetstream';
import { headers as createHeaders } from '@nats-io/transport-node';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeRequest, startJudgeService, workQueueState } from '../support/index.ts';

const service = await startJudgeService();
afterAll(() => service[Symbol.asyncDispose]());

const { conversation, responses } = judgeRequest();
const task: SampleTask = {
  version: 1,
  requestId: 'poison',
  taskId: 'poison-0',
  replyTo: 'grm.nobody',
  input: { conversation, responses },
  template: 'compact',
  samples: [{ index: 0, seed: 1 }],
  temperature: 1,
  maxTokens: 10,
  deadline: Date.now() + 600_000,
};
const { dead } = headerNames;
const js = jetstream(service.connection);

async function deadLetter(sequence: number): Promise<StoredMsg> {
  const stream = await js.streams.get(service.names.dead.stream);
  return waitUntil(
    async () => {
      const letter = await stream.getMessage({ last_by_subj: service.names.dead.subject });
      return letter?.header.get(dead.sequence) === String(sequence) ? letter : undefined;
    },
    { what: `task ${sequence} among the dead letters`, withinMs: 30_000 },
  );
}

describe('a task that cannot be done', () => {
  it.each([
    ['is not JSON', 'poison', /not JSON/],
    ['is not UTF-8', Uint8Array.of(0xff, 0xfe), /not UTF-8/],
    ['is of another version', JSON.stringify({ ...task, version: 2 }), /version/],
    ['asks for no samples', JSON.stringify({ ...task, samples: [] }), /samples/],
    ['has a wildcard to answer to', JSON.stringify({ ...task, replyTo: 'grm.>' }), /replyTo/],
  ])('because it %s becomes a dead letter with its origin, and the queue goes on', async (_, payload, reason) => {
    const headers = createHeaders();
    headers.set('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    const { seq } = await js.publish(service.names.work.sample, payload, { headers });

    expect(await service.client.judge(judgeRequest())).toMatchObject({ samples: { drawn: 4 } });
    const letter = await deadLetter(seq);
    const header = (name: string) => letter.header.get(name);
    expect(Buffer.from(letter.data)).toEqual(Buffer.from(payload));
    expect(header(dead.reason)).toMatch(reason);
    expect({
      subject: header(dead.subject),
      stream: header(dead.stream),
      consumer: header(dead.consumer),
      sequence: header(dead.sequence),
      deliveries: header(dead.deliveries),
      traceparent: header('traceparent'),
    }).toEqual({
      subject: service.names.work.sample,
      stream: service.names.work.stream,
      consumer: service.names.consumers.sampler,
      sequence: String(seq),
      deliveries: '1',
      traceparent: headers.get('traceparent'),
    });
    expect(new Date(header(dead.time)).getTime()).toBeGreaterThan(Date.now() - 60_000);
    await waitUntil(async () => (await workQueueState(service)).messages === 0, { what: 'an empty work queue' });
    expect(service.samplers[0]?.running).toBe(true);
  });

  it('because it fails on every delivery is tried five times, then answered and buried', async () => {
    const replyTo = 'grm.test.reply';
    const answers: string[] = [];
    service.connection.subscribe(replyTo, { callback: (_, message) => void answers.push(message.string()) });
    const { seq } = await js.publish(service.names.work.sample, JSON.stringify({ ...task, replyTo, revision: 'sha256:of-other-weights' }));
    const letter = await deadLetter(seq);
    expect(letter.header.get(dead.deliveries)).toBe('5');
    expect(letter.header.get(dead.reason)).toMatch(/wants revision sha256:of-other-weights, this sampler has/);
    await service.connection.flush();
    expect(answers.map((text) => JSON.parse(text))).toEqual([{ requestId: 'poison', taskId: 'poison-0', error: { code: 'model-unavailable', message: letter.header.get(dead.reason) } }]);
    expect(await service.client.judge(judgeRequest())).toMatchObject({ samples: { drawn: 4 } });
  });
});
