import type { Engine } from '@grm/engine';
import { describe, expect, it } from 'vitest';
import { drawJudgements, IncompleteDrawError } from './draw-judgements.ts';
import type { DrawRequest } from './draw-request.ts';

type Generate = Engine['generate'];

/** Writes for each sample which prompt it saw; those at `silent` and after are never answered. Answers come last first. */
const echoing = (silent = Infinity): { generate: Generate; calls: Parameters<Generate>[0][] } => {
  const calls: Parameters<Generate>[0][] = [];
  return {
    calls,
    async *generate(request) {
      calls.push(request);
      const all = request.prompts.flatMap((prompt, index) => prompt.samples.map((_, sample) => ({ prompt: index, sample, shown: 'text' in prompt ? prompt.text : '' })));
      for (const { prompt, sample, shown } of all.slice(0, silent).toReversed()) {
        await Promise.resolve();
        yield { prompt, sample, promptTokens: shown.length, text: shown, tokens: [1, 2], logprobs: [-1, -2], finishReason: 'stop' };
      }
    },
  };
};

const request: DrawRequest = {
  items: [
    { input: { conversation: [{ role: 'user', content: 'one' }], responses: ['a', 'b'] }, samples: [{ index: 0, seed: 11 }, { index: 1, seed: 12 }, { index: 2, seed: 13 }] },
    { input: { conversation: [{ role: 'user', content: 'two' }], responses: ['c', 'd'] }, samples: [{ index: 5, seed: 14 }], hint: 1 },
  ],
  template: 'compact',
  temperature: 1,
  maxTokens: 10,
};
const never = new AbortController().signal;

describe('drawing judgements', () => {
  it('gives every sample of every item in the order asked for, whatever the order of the answers', async () => {
    const { judgements } = await drawJudgements(echoing(), request, never);
    expect(judgements.map((of) => of.map(({ index, seed }) => [index, seed]))).toEqual([[[0, 11], [1, 12], [2, 13]], [[5, 14]]]);
    for (const { text } of judgements[0] ?? []) expect(text).toContain('[Query] one');
    expect(judgements[1]?.[0]?.text).toMatch(/\[Query\] two\n[^]*\[Hint\] The best response is: Response [12]\n\[Judge\]$/);
  });

  it('shows the responses in the order that it reports', async () => {
    const { judgements } = await drawJudgements(echoing(), request, never);
    for (const { text, order } of judgements[0] ?? []) {
      expect(text).toContain(`[Response 1] ${['a', 'b'][order[0] ?? 0]}\n[Response 2] ${['a', 'b'][order[1] ?? 0]}`);
    }
  });

  it('asks with one call, each order of an item once', async () => {
    const engine = echoing();
    const { promptTokens } = await drawJudgements(engine, request, never);
    expect(engine.calls).toHaveLength(1);
    const texts = engine.calls[0]?.prompts.map((prompt) => ('text' in prompt ? prompt.text : '')) ?? [];
    expect(new Set(texts).size).toBe(texts.length);
    expect(promptTokens).toBe(texts.join('').length);
  });

  it('shows the same prompt for the same input, in whatever order its fields were written down', async () => {
    const [engine, other] = [echoing(), echoing()];
    const input = { conversation: [{ role: 'user' as const, content: 'one' }], responses: ['a', 'b'], reference: 'a' };
    const reordered = { reference: 'a', responses: ['a', 'b'], conversation: [{ content: 'one', role: 'user' as const }], criteria: undefined };
    const published = { ...request, template: 'published' as const };
    await drawJudgements(engine, { ...published, items: [{ input, samples: [{ index: 0, seed: 11 }] }] }, never);
    await drawJudgements(other, { ...published, items: [{ input: reordered, samples: [{ index: 0, seed: 11 }] }] }, never);
    expect(other.calls[0]?.prompts).toEqual(engine.calls[0]?.prompts);
  });

  it('begins with the analysis where principles are left out', async () => {
    const { judgements } = await drawJudgements(echoing(), { ...request, principles: false }, never);
    expect(judgements[0]?.[0]?.text).toMatch(/\[Judge\]\nAnalysis:$/);
  });

  it('fails where the engine leaves a sample out', async () => {
    await expect(drawJudgements(echoing(2), request, never)).rejects.toThrow(IncompleteDrawError);
  });

  it('fails with the reason of a signal that aborts', async () => {
    await expect(drawJudgements(echoing(), request, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  });
});
