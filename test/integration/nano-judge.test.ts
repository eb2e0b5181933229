import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { accuracyReport, creditOf, nanobenchCategories, type NanobenchItem, nanobenchItems } from '@grm/preferences';
import { afterAll, describe, expect, it } from 'vitest';
import { grmctl, startJudgeService } from '../support/index.ts';

const model = (name: string) => fileURLToPath(new URL(`../../models/${name}`, import.meta.url));
const perCategory = 30;

const service = await startJudgeService({
  samplers: 2,
  metaRMs: 1,
  engine: { model: model('nano-judge'), metaRM: model('nano-meta-rm') },
  environment: { GRM_MAX_TOKENS: '192' },
});
afterAll(() => service[Symbol.asyncDispose]());

describe('the judge that comes with the project', () => {
  it('reads almost always as scores, and is above chance in every category of held-out items', async () => {
    const items: NanobenchItem[] = nanobenchCategories.flatMap((category) => [...nanobenchItems({ split: 'test', seed: 20, count: perCategory, category })]);
    const judged = await Promise.all(
      items.map(async (item, seed) => {
        const request = { conversation: [...item.conversation], responses: [...item.responses], sampling: { samples: 8, temperature: 0.5, seed } };
        const { scores, samples } = await service.client.judge(request, { timeoutMs: 100_000 });
        return { category: item.category, responses: item.responses.length, credit: creditOf(scores, item.best, item.responses.length), parsed: samples.parsed / samples.drawn };
      }),
    );
    expect(judged.reduce((sum, { parsed }) => sum + parsed, 0) / judged.length).toBeGreaterThan(0.95);
    const { accuracy, categories } = accuracyReport(judged);
    // Its card says 0.87 over a thousand items; this is a look whether it is in service as it was measured, with room for chance.
    expect(accuracy).toBeGreaterThan(0.75);
    const lead = Object.entries(categories).map(([category, of]) => ({ category, aboveChance: of.accuracy > of.chance, of }));
    expect(lead.filter(({ aboveChance }) => !aboveChance)).toEqual([]);
    expect(lead.map(({ category }) => category)).toEqual([...nanobenchCategories].toSorted());
  });

  it('answers questions itself, though how well is another matter', async () => {
    const { namespace, service: name } = service.address;
    const words = ['answer', '-q', 'what is 17 + 25?', '--server', service.nats.url, '--namespace', namespace, '--service', name];
    const { code, output, errors } = await grmctl(tmpdir(), ...words);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^ROUND +FROM +MEAN +RESULT +TEXT\n +1 +model +\d/);
    expect(output).toMatch(/ccepted: \d+\.\d\d of 6\.00 wanted/);
    expect(output.trimEnd().split('\n').at(-1)).toMatch(/[a-z0-9]/);
  });
});
