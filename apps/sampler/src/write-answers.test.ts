import { GenerationRequestError, PromptTooLongError } from '@grm/engine';
import type { WriteTask } from '@grm/protocol';
import { describe, expect, it } from 'vitest';
import { FakeEngine } from './fake-engine.ts';
import { writeAnswers } from './write-answers.ts';

const task: WriteTask = {
  version: 1,
  requestId: 'r',
  taskId: 't',
  replyTo: 'results',
  conversation: [{ role: 'user', content: 'What is 2 + 2?' }],
  template: 'compact',
  answers: [{ index: 4, seed: 40 }, { index: 5, seed: 50 }],
  temperature: 0.7,
  maxTokens: 32,
  deadline: 0,
};
const revise = { draft: '5', critique: 'says 5, want 4: wrong.' };
const signal = new AbortController().signal;
const write = (engine: FakeEngine, change: Partial<WriteTask> = {}) => writeAnswers({ ...task, ...change }, { engine, maxPromptTokens: 100, signal });

describe('writing answers', () => {
  it('gives each answer under its number and seed, all continuing one prompt', async () => {
    const engine = new FakeEngine();
    expect(await write(engine)).toEqual({
      requestId: 'r',
      taskId: 't',
      answers: [
        { index: 4, seed: 40, text: 'judgement 40', tokens: 2, meanLogprob: -1, finishReason: 'stop' },
        { index: 5, seed: 50, text: 'judgement 50', tokens: 2, meanLogprob: -1, finishReason: 'stop' },
      ],
      usage: { promptTokens: 100, completionTokens: 4 },
      model: { name: 'fake', revision: 'r1' },
    });
    expect(engine.requests).toEqual([
      { prompts: [{ text: '[Query] What is 2 + 2?\n[Answer]', samples: [{ seed: 40 }, { seed: 50 }] }], temperature: 0.7, maxTokens: 32, maxPromptTokens: 100, stop: ['\n['] },
    ]);
  });

  it('shows the draft and its critique where there is one to improve on', async () => {
    const engine = new FakeEngine();
    await write(engine, { revise });
    await write(engine, { revise, template: 'published' });
    expect(engine.requests[0]?.prompts).toMatchObject([{ text: '[Query] What is 2 + 2?\n[Draft] 5\n[Critique] says 5, want 4: wrong.\n[Answer]' }]);
    const review = { role: 'user', content: expect.stringContaining('says 5, want 4: wrong.') };
    expect(engine.requests[1]?.prompts).toMatchObject([{ messages: [...task.conversation, { role: 'assistant', content: '5' }, review] }]);
    expect(engine.requests[1]).not.toHaveProperty('stop');
  });

  it.each([
    ['a template that it does not know', { template: 'baroque' }, undefined, 'no prompt template "baroque"'],
    ['a prompt that is too long', {}, new PromptTooLongError({ prompt: 0, size: 500, unit: 'tokens', limit: 100 }), 'The prompt is 500 tokens, the judge takes at most 100 tokens; shorten the conversation'],
    ['a draft that is too long', { revise }, new PromptTooLongError({ prompt: 0, size: 500, unit: 'tokens', limit: 100 }), 'write shorter answers'],
    ['what no engine can do', {}, new GenerationRequestError('maxTokens', 'is above the context'), 'maxTokens is above the context'],
  ])('refuses %s', async (_, change, failure, message) => {
    const engine = new FakeEngine();
    if (failure !== undefined) engine.before = () => Promise.reject(failure);
    await expect(write(engine, change)).rejects.toMatchObject({ code: 'invalid-request', message: expect.stringContaining(message) });
  });

  it('is no success when the engine left answers out', async () => {
    const engine = new FakeEngine();
    engine.generate = async function* () {};
    await expect(write(engine)).rejects.toMatchObject({ code: 'model-unavailable', message: 'The engine wrote 0 of 2 answers' });
  });
});
