import { openEmbeddedEngine, type EmbeddedEngineOptions, type Engine, type EngineInfo } from '@grm/engine';
import { drawSuites } from './drawing/draw-suites.ts';
import type { Asking } from './drawing/draw-once.ts';
import { evaluationSeed, type Suite } from './drawing/suite.ts';
import { evaluationOf, type Evaluation } from './measures/evaluation.ts';
import { referenceSamplesOf } from './measures/method.ts';

export interface MeasureSuitesOptions extends Omit<Asking, 'seed'> {
  /** Folder or file of the judge. */
  readonly policy: string;
  /** Folder of the meta RM; without it there are votes alone. */
  readonly metaRM?: string;
  readonly suites: readonly Suite[];
  /** k of vote@k, meta@k and filter@k; as many samples as the largest are drawn of each item. */
  readonly samples: readonly number[];
  /** Also judge items that carry a reference with the reference shown. */
  readonly referenceGuided: boolean;
  /** Unsigned 32-bit; default `evaluationSeed`. */
  readonly seed?: number;
  /** Workers of one thread each. */
  readonly workers: number;
  /** Keeps the judgements; see `drawSuites`. */
  readonly file: string;
  readonly signal: AbortSignal;
  /** Default: engines of this process. */
  readonly openEngine?: (options: EmbeddedEngineOptions, signal?: AbortSignal) => Promise<Engine>;
  /** Called with the judgements there are, how many there will be, and the tokens drawn since. */
  readonly progress?: (judgements: number, all: number, tokens: number) => void;
}

export interface SuitesMeasured extends Evaluation {
  /** Items, by suite, that are longer than the judge can read; they count as guesses. */
  readonly tooLong: Readonly<Record<string, number>>;
}

/**
 * Draws judgements of suites and measures them. Equal models, items and settings give equal measures, whatever the number of workers.
 * @throws the signal's reason, what engines throw, an error of the file system
 */
export async function measureSuites(options: MeasureSuitesOptions): Promise<SuitesMeasured> {
  const { suites, template, principles, temperature, maxTokens, samples, referenceGuided, workers, signal, seed = evaluationSeed } = options;
  await using policy = await openJudge(options, options.policy, 'generate');
  await using metaRM = options.metaRM === undefined ? undefined : await openJudge(options, options.metaRM, 'score');
  const judges = { policy, ...(metaRM === undefined ? {} : { metaRM }) };
  const drawn = await drawSuites(suites, {
    ...options,
    seed,
    judges,
    revisions: [policy.info.revision, metaRM?.info.revision ?? ''],
    samples: Math.max(...samples),
    referenceSamples: referenceGuided ? referenceSamplesOf(samples) : 0,
    concurrency: workers,
    signal,
  });
  const evaluation = evaluationOf(drawn, {
    policy: nameOf(policy.info),
    ...(metaRM === undefined ? {} : { metaRM: nameOf(metaRM.info) }),
    settings: { template, principles, temperature, maxTokens, samples: [...samples], seed },
  });
  const tooLong = drawn.map(({ suite, items }) => [suite.name, items.filter(({ greedy }) => greedy.tokens === 0).length] as const);
  return { ...evaluation, tooLong: Object.fromEntries(tooLong.filter(([, count]) => count > 0)) };
}

const nameOf = ({ model, revision }: EngineInfo): { readonly name: string; readonly revision: string } => ({ name: model, revision });

/** Workers of one thread each: more threads would change what is drawn with the machine. */
function openJudge({ openEngine = openEmbeddedEngine, workers, signal }: MeasureSuitesOptions, model: string, kind: 'generate' | 'score'): Promise<Engine> {
  return openEngine({ model, kind, threads: 1, workers }, signal);
}
