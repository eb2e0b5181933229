import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvaluationItem, EvaluationReport } from '@grm/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ItemJudgements } from '../drawing/item-judgements.ts';
import { evaluationOf, type Evaluation } from '../measures/evaluation.ts';
import { reportText } from './report-text.ts';
import { reproduceCommand } from './reproduce-command.ts';
import { scalingSvg } from './scaling-svg.ts';
import { spreadLabels } from './spread-labels.ts';
import { ticksOf } from './ticks.ts';
import { writeEvaluation } from './write-evaluation.ts';

const judged = Array.from({ length: 12 }, (_, index): ItemJudgements => ({
  item: { id: `i${index}`, category: index % 2 === 0 ? 'even' : 'odd', conversation: [{ role: 'user', content: `q${index}` }], responses: ['a', 'b'], best: 0, truth: { best: 0 } },
  greedy: { scores: index % 3 === 0 ? [5, 5] : [9, 2], tokens: 40 },
  samples: Array.from({ length: 4 }, (__, sample) => ({ scores: (index + sample) % 4 === 0 ? [2, 9] : [9, 2], metaLogit: (index + sample) % 4 === 0 ? -2 : 2, tokens: 42 })),
}));
const evaluation: Evaluation = evaluationOf([{ suite: { name: 'pairs & more', items: judged.map(({ item }) => item), unlabelled: 0 }, items: judged }], {
  policy: { name: 'nano', revision: 'sha256:abc' },
  metaRM: { name: 'meta', revision: 'sha256:def' },
  settings: { template: 'compact', principles: true, temperature: 0.5, maxTokens: 192, samples: [1, 4], seed: 2026 },
});

describe('the report', () => {
  it('says for people what was measured, how sure it is, and how to measure it again', () => {
    expect(reportText(evaluation.report, { command: 'measure it', curve: 'scaling.svg' })).toMatchInlineSnapshot(`
      "# Evaluation

      Judge \`nano\` (\`sha256:abc\`), meta RM \`meta\` (\`sha256:def\`).

      ## pairs & more

      Accuracy in %, on 12 items, with 95 % intervals; guessing reaches 50.0.

      |  | all | even | odd |
      | --- | --- | --- | --- |
      | greedy | 83.3 [70.8, 95.8] | 83.3 [66.7, 100.0] | 83.3 [66.7, 100.0] |
      | vote@1 | 75.0 [75.0, 75.0] | 75.0 [75.0, 75.0] | 75.0 [75.0, 75.0] |
      | vote@4 | 100.0 [75.8, 100.0] | 100.0 [61.0, 100.0] | 100.0 [61.0, 100.0] |
      | meta@4 | 100.0 [75.8, 100.0] | 100.0 [61.0, 100.0] | 100.0 [61.0, 100.0] |
      | filter@4 | 100.0 [75.8, 100.0] | 100.0 [61.0, 100.0] | 100.0 [61.0, 100.0] |

      What is better than what, on the same items; bold where the interval leaves out zero:

      |  | difference in points |
      | --- | --- |
      | vote@1 - greedy | -8.3 [-20.8, +4.2] |
      | vote@4 - greedy | **+16.7 [+4.2, +29.2]** |
      | vote@4 - vote@1 | **+25.0 [+25.0, +25.0]** |
      | meta@4 - greedy | **+16.7 [+4.2, +29.2]** |
      | meta@4 - vote@4 | +0.0 [+0.0, +0.0] |
      | filter@4 - greedy | **+16.7 [+4.2, +29.2]** |
      | filter@4 - vote@4 | +0.0 [+0.0, +0.0] |

      ## Scaling

      ![Accuracy by number of samples](scaling.svg)

      | pairs & more, k | vote | meta | filter |
      | --- | --- | --- | --- |
      | 1 | 75.0 [75.0, 75.0] | 75.0 [75.0, 75.0] | 75.0 [75.0, 75.0] |
      | 2 | 75.0 [75.0, 75.0] | 100.0 [75.8, 100.0] | 100.0 [75.8, 100.0] |
      | 4 | 100.0 [75.8, 100.0] | 100.0 [75.8, 100.0] | 100.0 [75.8, 100.0] |

      ## Judgements

      | suite | judgements | drawn | readable | mean length in tokens |
      | --- | --- | --- | --- | --- |
      | pairs & more | greedy | 12 | 100.0 % | 40.0 |
      | pairs & more | sampled | 48 | 100.0 % | 42.0 |

      ## Early stopping

      What a service would draw of all samples, wave by wave, replayed on those that were drawn. \`Exact\` stops where no outcome of the rest can change the winner; \`Confident\` where it is improbable, by an error rate of at most 5 % for any judge.

      | suite | stopping | rule | drawn of | verdicts changed |
      | --- | --- | --- | --- | --- |
      | pairs & more | Exact | vote | 3.8 of 4 | 0 of 12 |
      | pairs & more | Exact | meta | 3.0 of 4 | 0 of 12 |
      | pairs & more | Exact | filter | 4.0 of 4 | 0 of 12 |
      | pairs & more | Confident | vote | 4.0 of 4 | 0 of 12 |
      | pairs & more | Confident | meta | 4.0 of 4 | 0 of 12 |
      | pairs & more | Confident | filter | 4.0 of 4 | 0 of 12 |

      ## How it was measured

      Of each item one greedy judgement and 4 samples at temperature 0.5, every one with the responses in an order of its own (template \`compact\`, at most 192 tokens, seed 2026). \`vote@k\` sums the scores of k samples; \`meta@k\` weights each by the meta RM's probability that it is sound, \`filter@k\` sums the half that the meta RM likes better. Each is the mean over the disjoint groups of k among the 4 samples. A tie counts 1/#tied, an item without a readable judgement a guess. \`+reference\`: with the item's reference answer shown. Intervals: 95 %, percentile bootstrap over items, 10,000 resamples (Wilson's where all are right or all wrong); differences are paired.

      To measure the same again:

      \`\`\`sh
      measure it
      \`\`\`
      "
    `);
  });

  it('says nothing of scaling where there is no curve, and of a meta RM where there is none', () => {
    const { metaRM: _, ...without } = evaluation.report;
    const text = reportText({ ...without, curve: [], stopping: [] }, { command: 'measure it' });
    expect(text).not.toMatch(/## Scaling|## Early stopping|meta@k/u);
    expect(text).toContain('without a meta RM');
  });
});

describe('the command to measure the same again', () => {
  const stage = { suites: [{ name: 'nano', builtin: 'nanobench' }, { name: 'own', volume: { path: '/data/my items.jsonl' } }] as const, items: 100, samples: [1, 8], temperature: 0.5, maxTokens: 192, referenceGuided: true };
  const asking = { template: 'compact', principles: true, policy: 'artifacts/policy' } as const;

  it('names what decides the figures, quoted for a shell', () => {
    expect(reproduceCommand({ ...stage, ...asking, suites: [...stage.suites], metaRM: 'artifacts/metaRM' })).toBe(
      "node scripts/evaluate-judge.ts --policy artifacts/policy --meta-rm artifacts/metaRM --suite nano=nanobench --suite 'own=/data/my items.jsonl' --items 100 --samples 1,8 --temperature 0.5 --max-tokens 192 --template compact --into evaluation",
    );
  });

  it('says what was left out', () => {
    expect(reproduceCommand({ ...stage, ...asking, suites: [...stage.suites], principles: false, referenceGuided: false })).toMatch(/--template compact --no-principles --no-reference --into/u);
  });
});

describe('the scaling curves', () => {
  const svg = scalingSvg(evaluation.report) ?? '';

  it('are one panel a suite with a line for each rule, a point for each k, and its interval', () => {
    expect(svg.match(/<g transform/gu)).toHaveLength(1);
    for (const name of ['vote', 'meta', 'filter', 'greedy']) expect(svg).toContain(`>${name}</text>`);
    expect(svg.match(/<circle/gu)).toHaveLength(3);
    expect(svg.match(/stroke-opacity="0.6"/gu)).toHaveLength(9);
    expect(svg).toContain('pairs &amp; more');
  });

  it('have a number for every place, also where all values are the same', () => {
    const flat = { ...evaluation.report, curve: evaluation.report.curve.map((point) => ({ ...point, value: 0, low: 0, high: 0 })), rows: [] };
    for (const drawn of [svg, scalingSvg(flat) ?? '']) expect(drawn).not.toMatch(/NaN|Infinity|undefined/u);
  });

  it('are none where nothing was measured', () => {
    expect(scalingSvg({ ...evaluation.report, curve: [] })).toBeUndefined();
  });
});

describe('labels beside their points', () => {
  it('stand a line apart, in the order of their points, within the panel', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 44, max: 296 }), { maxLength: 8 }), (wanted) => {
        const placed = spreadLabels(wanted, { gap: 16, least: 44, most: 296 });
        const order = [...wanted.keys()].toSorted((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
        for (const [place, index] of order.slice(1).entries()) expect((placed[index] ?? 0) - (placed[order[place] ?? 0] ?? 0)).toBeGreaterThanOrEqual(16 - 1e-9);
        for (const at of placed) expect([at >= 44, at <= 296]).toEqual([true, true]);
      }),
    );
  });

  it('of one place stand around it', () => {
    expect(spreadLabels([100, 100, 100], { gap: 16, least: 44, most: 296 })).toEqual([84, 100, 116]);
  });

  it('stay where they are when there is room', () => {
    expect(spreadLabels([200, 60, 120], { gap: 16, least: 44, most: 296 })).toEqual([200, 60, 120]);
  });
});

describe('ticks', () => {
  it.each([
    [0.62, 0.84, [0.6, 0.65, 0.7, 0.75, 0.8, 0.85]],
    [0.5, 1, [0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    [0.98, 1, [0.98, 0.985, 0.99, 0.995, 1]],
  ])('from %f to %f are round', (low, high, ticks) => {
    expect(ticksOf(low, high, 6)).toEqual(ticks);
  });
});

describe('the folder of an evaluation', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'report-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('holds what programs and people read', async () => {
    const place = join(folder, 'evaluation');
    await writeEvaluation(place, evaluation, { command: 'measure it' });
    expect((await readdir(place)).toSorted()).toEqual(['evaluation.json', 'items.jsonl', 'report.md', 'scaling.svg']);
    expect(EvaluationReport.parse(JSON.parse(await readFile(join(place, 'evaluation.json'), 'utf8')))).toEqual(evaluation.report);
    const lines = (await readFile(join(place, 'items.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => EvaluationItem.parse(JSON.parse(line)))).toEqual(evaluation.items);
  });

  it('replaces the one before whole, and what a killed one left in parts', async () => {
    const place = join(folder, 'again');
    await mkdir(place);
    await mkdir(`${place}.partial`);
    await Promise.all([writeFile(join(place, 'old.txt'), ''), writeFile(join(`${place}.partial`, 'half.txt'), '')]);
    await writeEvaluation(place, evaluation, { command: 'measure it' });
    expect((await readdir(folder)).filter((name) => name.startsWith('again'))).toEqual(['again']);
    expect(await readdir(place)).not.toContain('old.txt');
    expect(await readdir(place)).not.toContain('half.txt');
  });
});
