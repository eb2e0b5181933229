import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvaluationReport, EvaluationRow } from '@grm/protocol';
import { parseManifests } from '@grm/resources';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedJudge, type ScriptedJudge } from '../../evaluation/scripted-judge.fixture.ts';
import type { StageContext } from '../../run/stage.ts';
import { evaluationStage } from './evaluation.stage.ts';

function specOf(evaluation: string) {
  const [run] = parseManifests(
    `{apiVersion: grm.dev/v1alpha1, kind: GRMTrainingRun, metadata: {name: nano}, spec: {base: {volume: {path: /base}}, engine: {embedded: {threads: 3}}, principles: false, stages: {evaluation: ${evaluation}}}}`,
    'nano.yaml',
  );
  if (run?.kind !== 'GRMTrainingRun') throw new Error('not a training run');
  return run.spec;
}

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'evaluation-stage-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Watched {
  readonly context: StageContext;
  readonly run: string;
  readonly opened: unknown[];
  readonly rows: EvaluationRow[];
  readonly steps: number[];
  readonly tokens: () => number;
}

let runs = 0;
/** A run that has come to its evaluation. */
async function contextOf(judge: ScriptedJudge, options: { readonly run?: string; readonly metaRM?: string; readonly stop?: AbortSignal; readonly onStep?: (step: number) => void } = {}): Promise<Watched> {
  const run = options.run ?? join(root, `run-${(runs += 1)}`);
  const folder = join(run, 'stages', 'evaluation');
  await mkdir(folder, { recursive: true });
  const [opened, rows, steps]: [unknown[], EvaluationRow[], number[]] = [[], [], []];
  let drawn = 0;
  const refuse = (): never => {
    throw new Error('an evaluation does not do this');
  };
  const context: StageContext = {
    spec: specOf('{suites: [{name: nano, builtin: nanobench}, {name: single, builtin: nanobench-single}], items: 12, samples: [1, 4]}'),
    runFolder: run,
    folder,
    folderOf: refuse,
    policy: join(run, 'artifacts', 'policy'),
    base: '/base',
    metaRM: options.metaRM,
    tools: { createTrainingSession: refuse, openRollouts: refuse, openEngine: (asked) => Promise.resolve((opened.push(asked), judge)) },
    checkpoints: { newest: refuse, save: refuse, clear: refuse },
    stop: options.stop ?? new AbortController().signal,
    started: (all) => steps.push(-all),
    advanced: (step) => {
      steps.push(step);
      options.onStep?.(step);
    },
    worked: (tokens) => (drawn += tokens),
    notice: () => undefined,
    condition: refuse,
    evaluated: (of) => rows.push(...of),
    publish: refuse,
  };
  return { context, run, opened, rows, steps, tokens: () => drawn };
}

const judge = () => scriptedJudge(({ responses, seed }) => ({ scores: responses.map((_, index) => 1 + ((seed >>> index) % 10)) }));

describe('the stage evaluation', () => {
  it('measures the run\'s policy and meta RM and leaves the report beside the run\'s artefacts', async () => {
    const { context, run, opened, rows, steps, tokens } = await contextOf(judge(), { metaRM: '/meta' });
    const outcome = await evaluationStage.run(context);
    expect(opened).toEqual([
      { model: context.policy, kind: 'generate', threads: 1, workers: 3 },
      { model: '/meta', kind: 'score', threads: 1, workers: 3 },
    ]);
    // Of 12 items of each suite, all with references: greedy and four samples, twice.
    expect([steps[0], steps.at(-1), tokens()]).toEqual([-2 * 12 * 10, 2 * 12 * 10, 2 * 12 * 10 * 3]);
    expect(outcome.state).toBe('complete');
    expect(outcome.metrics).toHaveProperty(['nano/vote@4']);
    expect(outcome.metrics).toHaveProperty(['single/meta@4']);
    expect((await readdir(join(run, 'evaluation'))).toSorted()).toEqual(['evaluation.json', 'items.jsonl', 'report.md', 'scaling.svg']);
    const report = EvaluationReport.parse(JSON.parse(await readFile(join(run, 'evaluation', 'evaluation.json'), 'utf8')));
    expect(report.rows).toEqual(rows);
    expect(report.settings).toMatchObject({ principles: false, samples: [1, 4], template: 'compact' });
    expect(rows.map((row) => EvaluationRow.parse(row))).toEqual(rows);
    expect(await readFile(join(run, 'evaluation', 'report.md'), 'utf8')).toContain(`--policy ${context.policy} --meta-rm /meta --suite nano=nanobench`);
  });

  it('goes on where it was stopped, to the same report', async () => {
    const whole = await contextOf(judge());
    await evaluationStage.run(whole.context);

    const stop = new AbortController();
    const first = await contextOf(judge(), { stop: stop.signal, onStep: (step) => (step > 100 ? stop.abort(new Error('stop')) : undefined) });
    expect(await evaluationStage.run(first.context)).toEqual({ state: 'stopped', metrics: {} });
    expect(await readdir(first.run)).not.toContain('evaluation');

    const rest = judge();
    const second = await contextOf(rest, { run: first.run });
    expect((await evaluationStage.run(second.context)).state).toBe('complete');
    expect(rest.asked.length).toBeLessThan(240 - 100);
    const reportOf = (run: string) => readFile(join(run, 'evaluation', 'evaluation.json'), 'utf8');
    expect(await reportOf(first.run)).toBe(await reportOf(whole.run));
  });

  it('is wanted where the manifest has it', () => {
    const spec = specOf('{suites: [{name: nano, builtin: nanobench}]}');
    expect(evaluationStage.wanted(spec)).toBe(true);
    expect(evaluationStage.wanted({ ...spec, stages: {} })).toBe(false);
  });
});
