import { join } from 'node:path';
import type { EvaluationStage } from '@grm/resources';
import { readSuites } from '../../evaluation/drawing/suite.ts';
import { measureSuites, type SuitesMeasured } from '../../evaluation/measure-suites.ts';
import { reproduceCommand } from '../../evaluation/report/reproduce-command.ts';
import { writeEvaluation } from '../../evaluation/report/write-evaluation.ts';
import type { StageMetrics } from '../../progress/run-event.ts';
import type { Stage, StageContext, StageOutcome } from '../../run/stage.ts';
import { templateNameOf } from '../../run/template-name.ts';

async function evaluate(context: StageContext, stage: EvaluationStage): Promise<StageOutcome> {
  const { spec, folder, policy, metaRM, tools, stop } = context;
  if (policy === undefined) throw new TypeError('a run without base pretrains a policy first, as its schema says');
  const models = { policy, ...(metaRM === undefined ? {} : { metaRM }) };
  const asking = { template: templateNameOf(spec.template), principles: spec.principles };
  const suites = await readSuites(stage.suites, { count: stage.items }, stop);
  for (const { name, unlabelled } of suites) {
    if (unlabelled > 0) context.notice({ type: 'Normal', reason: 'UnlabelledItems', message: `${unlabelled} items of suite ${name} were passed over: nothing says what is right of them` });
  }
  let began = false;
  const measured = await unlessStopped(stop, () =>
    measureSuites({
      ...models,
      ...asking,
      ...stage,
      suites,
      workers: spec.engine.embedded.threads,
      file: join(folder, 'judgements.jsonl'),
      signal: stop,
      openEngine: tools.openEngine,
      progress: (judgements, all, tokens) => {
        if (!began) context.started(all);
        began = true;
        context.worked(tokens);
        context.advanced(judgements, all, { judgements });
      },
    }),
  );
  if (measured === undefined) return { state: 'stopped', metrics: {} };
  for (const [suite, count] of Object.entries(measured.tooLong)) {
    context.notice({ type: 'Warning', reason: 'ItemsTooLong', message: `${count} items of suite ${suite} are longer than the judge can read; they count as guesses` });
  }
  await writeEvaluation(join(context.runFolder, 'evaluation'), measured, { command: reproduceCommand({ ...stage, ...models, ...asking }) });
  context.evaluated(measured.report.rows);
  return { state: 'complete', metrics: metricsOf(measured) };
}

/** Undefined where the work ended because it was to stop; what was drawn is kept. */
async function unlessStopped<Result>(stop: AbortSignal, work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (stop.aborted && error === stop.reason) return undefined;
    throw error;
  }
}

/** `vote@8` of the suite nanobench as `nanobench/vote@8`. */
function metricsOf({ report }: SuitesMeasured): StageMetrics {
  const whole = report.rows.filter(({ category }) => category === undefined);
  return Object.fromEntries(whole.map(({ suite, method, accuracy }) => [`${suite}/${method}`, accuracy]));
}

/** How good the judge is: by every way of judging, on items that no stage has trained on. */
export const evaluationStage: Stage = {
  name: 'evaluation',
  wanted: (spec) => spec.stages.evaluation !== undefined,
  run: (context) => {
    const { evaluation: stage } = context.spec.stages;
    if (stage === undefined) throw new TypeError('the run has no stage evaluation');
    return evaluate(context, stage);
  },
};
