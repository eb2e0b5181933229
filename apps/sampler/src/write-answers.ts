import { GrmError, type WriteSuccess, type WriteTask, type WrittenAnswer } from '@grm/protocol';
import { templateByName } from '@grm/spct';
import type { DrawOptions } from './draw-samples.ts';
import { knownTemplate } from './known-template.ts';
import { mean, sum } from './mean.ts';
import { requestErrorOf } from './request-error-of.ts';

/** What a task's result says of its answers; when it was queued and begun is the caller's to add. */
export type WrittenTask = Omit<WriteSuccess, 'timings'>;

/**
 * Writes the answers of one task with one call of the engine: all continue the same prompt.
 * @throws GrmError `invalid-request` for an unknown template or a prompt that is too long; `model-unavailable` when the engine left answers out;
 * the signal's reason; what the engine throws.
 */
export async function writeAnswers(task: WriteTask, options: DrawOptions): Promise<WrittenTask> {
  try {
    return await write(task, options);
  } catch (error) {
    throw requestErrorOf(error, task.revise === undefined ? 'shorten the conversation' : 'shorten the conversation, or write shorter answers');
  }
}

async function write(task: WriteTask, { engine, maxPromptTokens, signal }: DrawOptions): Promise<WrittenTask> {
  const { conversation, revise, answers: asked, temperature, topP, maxTokens } = task;
  const { renderAnswer, stop } = templateByName(knownTemplate(task.template));
  const completions = engine.generate(
    {
      prompts: [{ ...renderAnswer(conversation, revise), samples: asked.map(({ seed }) => ({ seed })) }],
      temperature,
      ...(topP === undefined ? {} : { topP }),
      maxTokens,
      maxPromptTokens,
      ...(stop.length === 0 ? {} : { stop }),
    },
    signal,
  );
  const written = new Map<number, WrittenAnswer>();
  let promptTokens = 0;
  for await (const { sample, promptTokens: length, text, tokens, logprobs, finishReason } of completions) {
    const seeded = asked[sample];
    if (seeded === undefined) throw new RangeError(`the engine answered for answer ${sample}, which was not asked for`);
    written.set(seeded.index, { ...seeded, text, tokens: tokens.length, meanLogprob: mean(logprobs), finishReason });
    promptTokens = length;
  }
  signal.throwIfAborted();
  if (written.size < asked.length) throw new GrmError('model-unavailable', `The engine wrote ${written.size} of ${asked.length} answers`);
  const answers = asked.flatMap(({ index }) => written.get(index) ?? []);
  const { model: name, revision } = engine.info;
  return {
    requestId: task.requestId,
    taskId: task.taskId,
    answers,
    usage: { promptTokens, completionTokens: sum(answers.map(({ tokens }) => tokens)) },
    model: { name, revision },
  };
}
