import { type ErrorBody, GrmError, type MetaSuccess, type SampleSuccess, type Verdict } from '@grm/protocol';
import { EmptyVoteError, vote, type VoteResult } from '@grm/spct';
import { joinedModel } from './joined-model.ts';
import { type JudgementState, readSamples, votingSamples } from './judgement-state.ts';

/**
 * The verdict on what was drawn.
 * @param totalMs time from reading the request to now.
 * @throws GrmError `no-valid-sample`, or the error for which samples or their meta scores are missing.
 */
export function verdictOf(state: JudgementState, totalMs: number): Verdict {
  const { plan } = state;
  const samples = readSamples(state);
  const voting = votingSamples(state);
  const elected = elect(state, samples.length);
  const drawn = settledTasks(state).flatMap((task) => task.drawn ?? []);
  return {
    id: plan.id,
    scores: [...elected.scores],
    meanScores: [...elected.meanScores],
    best: elected.best,
    ranking: [...elected.ranking],
    margin: elected.margin,
    agreement: elected.agreement,
    samples: { asked: plan.asked, drawn: samples.length, parsed: voting.length, kept: elected.kept.length },
    stoppedEarly: state.wave < plan.waves.length - 1,
    ...(plan.detail === 'judgements' && { judgements: judgementsOf(state, new Set(elected.kept)) }),
    model: joinedModel(drawn.map(({ model }) => model)),
    usage: {
      promptTokens: sum(drawn.map(({ usage }) => usage.promptTokens)),
      completionTokens: sum(drawn.map(({ usage }) => usage.completionTokens)),
    },
    timings: { ...stageTimes(state), totalMs },
  };
}

function elect(state: JudgementState, read: number): VoteResult {
  const { plan } = state;
  try {
    return vote({ samples: votingSamples(state), responses: plan.input.responses.length, rule: plan.rule, seed: plan.seed, asked: plan.asked });
  } catch (cause) {
    if (!(cause instanceof EmptyVoteError)) throw cause;
    const error = firstError(state);
    // An unreadable judgement is the judge's fault and final; a missing one has its own reason.
    if (error !== undefined && (cause.given > 0 || read === 0)) throw GrmError.fromBody(error);
    throw new GrmError('no-valid-sample', `None of the ${read} judgements drawn could be read as ${plan.input.responses.length} scores: ${reasonsOf(state)}`, { cause });
  }
}

function firstError(state: JudgementState): ErrorBody | undefined {
  return settledTasks(state).find(({ error }) => error !== undefined)?.error;
}

/** `no-box 5, wrong-count 3` */
function reasonsOf(state: JudgementState): string {
  const reasons = Map.groupBy(readSamples(state), ({ judgement }) => (judgement.valid ? 'not scored by the meta reward model' : judgement.reason));
  return [...reasons].map(([reason, { length }]) => `${reason} ${length}`).join(', ') || 'none came back';
}

function judgementsOf(state: JudgementState, kept: ReadonlySet<number>): NonNullable<Verdict['judgements']> {
  return readSamples(state).flatMap(({ index, seed, judgement, metaLogit }) =>
    judgement.valid
      ? [
          {
            criteria: judgement.criteria.map(({ name, weight }) => ({ name, ...(weight !== undefined && { weight }) })),
            analysis: judgement.analysis,
            scores: [...judgement.scores],
            ...(metaLogit !== undefined && { metaScore: 1 / (1 + Math.exp(-metaLogit)) }),
            kept: kept.has(index),
            seed,
          },
        ]
      : [],
  );
}

/** Tasks of a wave run side by side and waves one after the other: the longest of each wave, added up. */
function stageTimes({ plan, tasks, wave }: JudgementState): Pick<Verdict['timings'], 'queueMs' | 'samplingMs' | 'metaMs'> {
  const waves = plan.waves.slice(0, wave + 1).map((planned) =>
    planned.flatMap(({ taskId }) => {
      const task = tasks.get(taskId);
      return task?.stage === 'settled' ? [task] : [];
    }),
  );
  const longest = (timeOf: (task: { drawn?: SampleSuccess; checked?: MetaSuccess }) => number) => sum(waves.map((wave) => Math.max(0, ...wave.map(timeOf))));
  return {
    queueMs: longest(({ drawn, checked }) => (drawn?.timings.queueMs ?? 0) + (checked?.timings.queueMs ?? 0)),
    samplingMs: longest(({ drawn }) => drawn?.timings.runMs ?? 0),
    metaMs: longest(({ checked }) => checked?.timings.runMs ?? 0),
  };
}

function settledTasks({ tasks }: JudgementState) {
  return [...tasks.values()].flatMap((task) => (task.stage === 'settled' ? [task] : []));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
