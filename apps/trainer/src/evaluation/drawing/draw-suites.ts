import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AnswersFile } from '../../files/answers-file.ts';
import { drawOnce, type Asking, type Judges } from './draw-once.ts';
import type { Judgements, ScoredJudgement, SuiteJudgements } from './item-judgements.ts';
import { planDraws, type Draw, type DrawAmounts } from './plan-draws.ts';
import { digestOf, type Suite } from './suite.ts';

export interface DrawSuitesOptions extends Asking, DrawAmounts {
  readonly judges: Judges;
  /** Of the models that judge: kept judgements of others are not taken for theirs. */
  readonly revisions: readonly string[];
  /** Keeps the judgements, so that an evaluation that was stopped or killed draws none again. */
  readonly file: string;
  /** Draws at once: the engine's number of workers. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Called with the judgements there are, how many there will be, and the tokens drawn since. */
  readonly progress?: (judgements: number, all: number, tokens: number) => void;
}

const scoredJudgement: z.ZodType<ScoredJudgement> = z.strictObject({
  scores: z.array(z.number()).nullable(),
  metaLogit: z.number().exactOptional(),
  tokens: z.int().nonnegative(),
});
const answer = z.array(z.array(scoredJudgement));
type Answer = z.output<typeof answer>;

const judgementsOf = ({ items, samples }: Draw): number => items.length * samples;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Draws all judgements that an evaluation needs: the same for the same items, models and settings, whatever the concurrency and
 * however often it was stopped on the way.
 * @throws the signal's reason, what engines throw, an error of the file system
 */
export async function drawSuites(suites: readonly Suite[], options: DrawSuitesOptions): Promise<SuiteJudgements[]> {
  const draws = planDraws(suites, options);
  const file = await AnswersFile.open(options.file, fingerprintOf(suites, draws, options), answer);
  await drawMissing(suites, draws, file, options);
  return suites.map((suite, index) => collect(suite, index, draws, file));
}

function fingerprintOf(suites: readonly Suite[], draws: readonly Draw[], { revisions, template, principles, temperature, maxTokens, seed }: DrawSuitesOptions): string {
  const asked = suites.map(({ name, items }) => [name, digestOf(items)]);
  return createHash('sha256').update(JSON.stringify([revisions, template, principles, temperature, maxTokens, seed, asked, draws])).digest('hex');
}

async function drawMissing(suites: readonly Suite[], draws: readonly Draw[], file: AnswersFile<Answer>, options: DrawSuitesOptions): Promise<void> {
  const { judges, concurrency, progress } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const all = sum(draws.map(judgementsOf));
  const missing = [...draws.entries()].filter(([number]) => file.get(number) === undefined);
  let there = all - sum(missing.map(([, draw]) => judgementsOf(draw)));
  progress?.(there, all, 0);
  const waiting = missing.values();
  const work = async (): Promise<void> => {
    for (const [number, draw] of waiting) {
      signal.throwIfAborted();
      const items = draw.items.flatMap((index) => suites[draw.suite]?.items[index] ?? []);
      const judgements = await drawOnce({ ...draw, items }, options, judges, signal);
      await file.add([number, judgements]);
      there += judgementsOf(draw);
      progress?.(there, all, sum(judgements.flat().map(({ tokens }) => tokens)));
    }
  };
  const workers = Array.from({ length: concurrency }, () =>
    work().catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  const ended = await Promise.allSettled(workers);
  options.signal.throwIfAborted();
  const fault = ended.find((worker) => worker.status === 'rejected');
  if (fault !== undefined) throw failed.signal.reason;
}

/** Puts a suite's answered draws together by item. */
function collect(suite: Suite, suiteIndex: number, draws: readonly Draw[], file: AnswersFile<Answer>): SuiteJudgements {
  const drawn = (greedy: boolean, referenceShown: boolean): Map<number, readonly ScoredJudgement[]> =>
    new Map(
      [...draws.entries()]
        .filter(([, draw]) => draw.suite === suiteIndex && draw.greedy === greedy && draw.referenceShown === referenceShown)
        .flatMap(([number, draw]) => draw.items.map((item, place) => [item, file.get(number)?.[place] ?? []] as const)),
    );
  const [greedy, samples] = [drawn(true, false), drawn(false, false)];
  const [greedyWithReference, samplesWithReference] = [drawn(true, true), drawn(false, true)];
  return {
    suite,
    items: suite.items.map((item, index) => {
      const referenceShown = together(greedyWithReference.get(index), samplesWithReference.get(index));
      const plain = together(greedy.get(index), samples.get(index));
      if (plain === undefined) throw new RangeError(`item ${item.id} of suite ${suite.name} was not judged`);
      return { item, ...plain, ...(referenceShown === undefined ? {} : { referenceShown }) };
    }),
  };
}

function together(greedy: readonly ScoredJudgement[] | undefined, samples: readonly ScoredJudgement[] | undefined): Judgements | undefined {
  const [first] = greedy ?? [];
  return first === undefined || samples === undefined ? undefined : { greedy: first, samples };
}
