import { Answer, type AnswerRequest, GrmError, ErrorBody, formatDeadline, headerNames, type JudgeRequest, MetaTask, parsePayload, SampleTask, Verdict, WriteTask } from '@grm/protocol';
import type { ServiceGround } from '@grm/service-kit/testing';
import { orderOf } from '@grm/spct';
import { type JsMsg, jetstream } from '@nats-io/jetstream';
import { headers as createHeaders } from '@nats-io/transport-node';

const model = { name: 'test-judge', revision: 'r1' };

export interface WorkersOptions {
  /** What the judge says of the responses, callers' order; a text is said as it is, an error answers the task. */
  readonly opinion?: (sample: { index: number; seed: number }, task: SampleTask) => readonly number[] | string | ErrorBody;
  /** What the model writes as an answer; an error answers the task. */
  readonly writes?: (answer: { index: number; seed: number }, task: WriteTask) => string | ErrorBody;
  /** Answers that get lost on their way, from the first on. */
  readonly losing?: number;
  /** The meta RM's logit; an error answers the task. */
  readonly logit?: (index: number) => number | ErrorBody;
}

/** Stand-ins for samplers and meta RMs that speak the real protocol on the real queue. */
export interface Workers extends AsyncDisposable {
  readonly sampleTasks: SampleTask[];
  readonly metaTasks: MetaTask[];
  readonly writeTasks: WriteTask[];
}

function textOf(scores: readonly number[] | ErrorBody, order: readonly number[]): string {
  return 'code' in scores ? '' : `Analysis: fine.\nScores: \\boxed{${order.map((response) => scores[response]).join(', ')}}`;
}

function sampleResult(task: SampleTask, opinion: NonNullable<WorkersOptions['opinion']>) {
  const { requestId, taskId } = task;
  const opinions = task.samples.map((sample) => ({ ...sample, said: opinion(sample, task) }));
  const error = opinions.map(({ said }) => said).find((said) => typeof said === 'object' && 'code' in said);
  if (error !== undefined) return { requestId, taskId, error };
  const samples = opinions.map(({ index, seed, said }) => {
    const order = orderOf(seed, task.input.responses.length);
    const text = typeof said === 'string' ? said : textOf(said, order);
    return { index, seed, text, order, tokens: 10, meanLogprob: -0.1, finishReason: 'stop' };
  });
  return { requestId, taskId, samples, usage: { promptTokens: 20, completionTokens: 10 * samples.length }, timings: { queueMs: 1, runMs: 2 }, model };
}

function writeResult(task: WriteTask, writes: NonNullable<WorkersOptions['writes']>) {
  const { requestId, taskId } = task;
  const said = task.answers.map((answer) => ({ ...answer, text: writes(answer, task) }));
  const error = said.map(({ text }) => text).find((text) => typeof text === 'object');
  if (error !== undefined) return { requestId, taskId, error };
  const answers = said.map((answer) => ({ ...answer, tokens: 5, meanLogprob: -0.1, finishReason: 'stop' }));
  return { requestId, taskId, answers, usage: { promptTokens: 7, completionTokens: 5 * answers.length }, timings: { queueMs: 1, runMs: 3 }, model };
}

function metaResult({ requestId, taskId, judgements }: MetaTask, logit: NonNullable<WorkersOptions['logit']>) {
  const logits = judgements.map(({ index }) => ({ index, logit: logit(index) }));
  const error = logits.map(({ logit: value }) => value).find((value) => typeof value === 'object');
  return error === undefined ? { requestId, taskId, logits, timings: { queueMs: 1, runMs: 1 }, model } : { requestId, taskId, error };
}

export async function startWorkers({ connection, names }: ServiceGround, { opinion = () => [9, 2], writes = ({ seed }) => ` answer ${seed}`, logit = () => 2, losing = 0 }: WorkersOptions = {}): Promise<Workers> {
  const sampleTasks: SampleTask[] = [];
  const metaTasks: MetaTask[] = [];
  const writeTasks: WriteTask[] = [];
  let lost = 0;
  const work = async (consumerName: string, answer: (message: JsMsg) => { replyTo: string; result: unknown }) => {
    const consumer = await jetstream(connection).consumers.get(names.work.stream, consumerName);
    const messages = await consumer.consume({ max_messages: 10 });
    const loop = (async () => {
      for await (const message of messages) {
        const { replyTo, result } = answer(message);
        if (lost++ >= losing) connection.publish(replyTo, JSON.stringify(result));
        message.ack();
      }
    })();
    return async () => {
      await messages.close();
      await loop;
    };
  };
  const stops = [
    await work(names.consumers.sampler, ({ subject, data }) => {
      if (subject === names.work.write) {
        const task = parsePayload(WriteTask, data, 'WriteTask');
        writeTasks.push(task);
        return { replyTo: task.replyTo, result: writeResult(task, writes) };
      }
      const task = parsePayload(SampleTask, data, 'SampleTask');
      sampleTasks.push(task);
      return { replyTo: task.replyTo, result: sampleResult(task, opinion) };
    }),
    await work(names.consumers.metaRM, ({ data }) => {
      const task = parsePayload(MetaTask, data, 'MetaTask');
      metaTasks.push(task);
      return { replyTo: task.replyTo, result: metaResult(task, logit) };
    }),
  ];
  return { sampleTasks, metaTasks, writeTasks, [Symbol.asyncDispose]: async () => void (await Promise.all(stops.map((stop) => stop()))) };
}

/** Asks the voter over NATS. @throws GrmError as it was answered */
export async function judge(ground: ServiceGround, request: JudgeRequest, timeoutMs = 10_000): Promise<Verdict> {
  return parsePayload(Verdict, await ask(ground, ground.names.judge, request, timeoutMs), 'Verdict');
}

/** As `judge`. */
export async function answer(ground: ServiceGround, request: AnswerRequest, timeoutMs = 10_000): Promise<Answer> {
  return parsePayload(Answer, await ask(ground, ground.names.answer, request, timeoutMs), 'Answer');
}

async function ask({ connection }: ServiceGround, subject: string, request: object, timeoutMs: number): Promise<Uint8Array> {
  const headers = createHeaders();
  headers.set(headerNames.deadline, formatDeadline(Date.now() + timeoutMs));
  const reply = await connection.request(subject, JSON.stringify(request), { timeout: timeoutMs + 5_000, headers });
  if (reply.headers?.has(headerNames.serviceErrorCode)) throw GrmError.fromBody(parsePayload(ErrorBody, reply.data, 'ErrorBody'));
  return reply.data;
}
