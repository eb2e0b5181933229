/**
 * Measures a judge, with or without a meta RM, as a run's stage `evaluation` does, and writes evaluation.json, items.jsonl, report.md and scaling.svg.
 *
 *   node scripts/evaluate-judge.ts --policy FOLDER [--meta-rm FOLDER] [--suite NAME=nanobench|nanobench-single|FILE.jsonl ...] --into FOLDER
 *       [--items N] [--samples 1,8,32] [--temperature T] [--max-tokens N] [--template compact|published] [--no-principles] [--no-reference] [--workers N]
 *
 * It goes on where an interrupted one stopped: judgements are kept in FOLDER.judgements.jsonl.
 */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseManifests } from '@grm/resources';
import { templateNames } from '@grm/spct';
import { measureSuites, readSuites, reproduceCommand, writeEvaluation } from '@grm/trainer';

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    policy: { type: 'string' },
    'meta-rm': { type: 'string' },
    suite: { type: 'string', multiple: true, default: ['nanobench=nanobench'] },
    into: { type: 'string' },
    items: { type: 'string' },
    samples: { type: 'string' },
    temperature: { type: 'string' },
    'max-tokens': { type: 'string' },
    template: { type: 'string', default: 'compact' },
    principles: { type: 'boolean', default: true },
    reference: { type: 'boolean', default: true },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});

function suiteNamed(text: string): unknown {
  const [name, source = name] = text.split(/=(.*)/u);
  return source === 'nanobench' || source === 'nanobench-single' ? { name, builtin: source } : { name, volume: { path: resolve(source ?? '') } };
}

const given = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
const { policy, into, 'meta-rm': metaRM } = options;
const template = templateNames.find((name) => name === options.template);
if (policy === undefined || into === undefined) throw new TypeError('--policy and --into are needed; see the head of this file');
if (template === undefined) throw new TypeError(`--template must be one of ${templateNames.join(', ')}`);

/** The stage as a run would have it, with its defaults and its checks. */
function stageOf(base: string) {
  const evaluation = {
    suites: options.suite.map(suiteNamed),
    items: given(options.items),
    samples: options.samples?.split(',').map(Number),
    temperature: given(options.temperature),
    maxTokens: given(options['max-tokens']),
    referenceGuided: options.reference,
  };
  const manifest = { apiVersion: 'grm.dev/v1alpha1', kind: 'GRMTrainingRun', metadata: { name: 'evaluation' }, spec: { base: { volume: { path: base } }, stages: { evaluation } } };
  const [run] = parseManifests(JSON.stringify(manifest), 'the command line');
  if (run?.kind !== 'GRMTrainingRun' || run.spec.stages.evaluation === undefined) throw new TypeError('the command line makes no evaluation');
  return run.spec.stages.evaluation;
}

const stage = stageOf(policy);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(`ended by ${signal}; the same command goes on`)));

const { principles } = options;
const models = { policy, ...(metaRM === undefined ? {} : { metaRM }) };
const suites = await readSuites(stage.suites, { count: stage.items }, stop.signal);
await mkdir(dirname(resolve(into)), { recursive: true });
let shown = 0;
const measured = await measureSuites({
  ...models,
  ...stage,
  template,
  principles,
  suites,
  workers: Number(options.workers),
  file: `${resolve(into)}.judgements.jsonl`,
  signal: stop.signal,
  progress: (judgements, all) => {
    if (judgements < all && performance.now() - shown < 5_000) return;
    shown = performance.now();
    process.stderr.write(`${judgements} of ${all} judgements\n`);
  },
});
await writeEvaluation(resolve(into), measured, { command: reproduceCommand({ ...stage, ...models, template, principles }) });
process.stdout.write(`${into}/report.md\n`);
