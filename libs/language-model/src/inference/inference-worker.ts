import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { ChatTemplate } from '../tokenizer/chat-template.ts';
import { Tokenizer } from '../tokenizer/tokenizer.ts';
import { readTensors } from '../weights/load-checkpoint.ts';
import type { WeightTensor } from '../weights/weight-tensor.ts';
import { DecoderSessions } from './decoder-sessions.ts';
import { generate } from './generate.ts';
import { InferenceWeights } from './inference-weights.ts';
import { openSession } from './open-session.ts';
import { preparePrompts, type ModelPrompt, type PromptReader } from './prepare-prompts.ts';
import { scoreGraph } from './score-graph.ts';
import { scoreTexts } from './score-texts.ts';
import { describeFailure } from './worker-failure.ts';
import type { WorkerReply, WorkerRequest, WorkerStart } from './worker-messages.ts';

/** Entry of the thread that owns a model: requests come one after the other, `run` blocks only here. */
async function serve(port: MessagePort, start: WorkerStart): Promise<void> {
  const reply = (message: WorkerReply) => port.postMessage(message);
  const answer = await open(start).catch((error: unknown) => {
    reply({ kind: 'broken', failure: describeFailure(error) });
  });
  if (answer === undefined) return;
  let turn = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    turn = turn.then(async () => {
      try {
        for await (const message of answer(request)) reply(message);
        reply({ kind: 'done', id: request.id });
      } catch (error) {
        reply({ kind: 'failed', id: request.id, failure: describeFailure(error) });
      }
    });
  });
  reply({ kind: 'ready' });
}

type Answer = (request: WorkerRequest) => AsyncGenerator<WorkerReply>;

async function open(start: WorkerStart): Promise<Answer> {
  const { kind, config, threads, block } = start;
  const chatTemplate = start.chatTemplate === undefined ? undefined : new ChatTemplate(start.chatTemplate);
  const encoding = start.tokenizer === undefined ? undefined : { tokenizer: new Tokenizer(start.tokenizer), chatTemplate };
  const reader: PromptReader = { config, encoding };
  const compile = async (tensors: ReadonlyMap<string, WeightTensor>) => {
    const weights = new InferenceWeights(config, tensors, start.precision);
    return kind === 'generate' ? DecoderSessions.open(weights, { threads }) : openSession(scoreGraph(weights), { threads });
  };
  let sessions = await compile(typeof start.weights === 'string' ? await readTensors({ path: start.weights, config }) : start.weights);
  return async function* answer(request) {
    const flag = new Int32Array(request.cancelled);
    const isCancelled = () => Atomics.load(flag, 0) !== 0;
    if (request.kind === 'replaceWeights') {
      const replacement = await compile(request.tensors);
      await sessions.release();
      sessions = replacement;
    } else if (request.kind === 'generate' && sessions instanceof DecoderSessions) {
      for await (const generated of generate(request.request, { sessions, reader, block, isCancelled }))
        yield { kind: 'generated', id: request.id, generated };
    } else if (request.kind === 'score' && !(sessions instanceof DecoderSessions)) {
      yield { kind: 'scored', id: request.id, scores: await score(sessions, request.prompts) };
    } else throw new TypeError(`a model opened to ${kind} cannot ${request.kind}`);

    async function score(session: InferenceSession, prompts: readonly ModelPrompt[]): Promise<Float32Array> {
      return scoreTexts(session, preparePrompts(prompts, reader, config.maxPositions), config, isCancelled);
    }
  };
}

if (parentPort !== null) await serve(parentPort, workerData);
