import { GrmError, limits, type Verdict, type WriteSuccess } from '@grm/protocol';
import type { DraftToRevise } from '@grm/spct';
import type { AnswerPlan } from './answer-plan.ts';
import { critiqueOfBest } from './critique-of-best.ts';

/** What was judged together, in the order in which the judge was given it. */
export interface Judged {
  readonly candidates: readonly string[];
  /** How many of them, the last ones, were written in this round. */
  readonly written: number;
  readonly verdict: Verdict;
  /** What the next round is asked to improve on the best one by. */
  readonly critique?: string;
}

/** Where one answer stands. */
export interface AnswerState {
  readonly plan: AnswerPlan;
  /** Texts that were judged, or are being judged: none is judged twice, except the best so far. */
  readonly seen: ReadonlySet<string>;
  /** What samplers wrote, by round. */
  readonly writings: readonly (readonly WriteSuccess[])[];
  readonly rounds: readonly Judged[];
  /** What the judge has before it. */
  readonly judging?: Pick<Judged, 'candidates' | 'written'>;
}

/** How the action that was asked for came out. */
export type AnswerEvent =
  | { readonly kind: 'written'; readonly results: readonly WriteSuccess[] }
  | { readonly kind: 'judged'; readonly verdict: Verdict }
  | { readonly kind: 'failed'; readonly error: GrmError };

/** What is to be done next: always one thing, and each one is followed by one event or ends the answer. */
export type AnswerAction =
  | { readonly kind: 'write'; readonly round: number; readonly revise?: DraftToRevise }
  | { readonly kind: 'judge'; readonly round: number; readonly responses: readonly string[] }
  | { readonly kind: 'answer'; readonly ended: 'accepted' | 'exhausted' }
  | { readonly kind: 'answer'; readonly ended: 'stalled'; readonly stalledBy: string }
  | { readonly kind: 'fail'; readonly error: GrmError };

export interface AnswerStep {
  readonly state: AnswerState;
  readonly action: AnswerAction;
}

const encoder = new TextEncoder();

export function beginAnswer(plan: AnswerPlan): AnswerStep {
  return { state: { plan, seen: new Set(plan.brought.map(comparable)), writings: [], rounds: [] }, action: { kind: 'write', round: 0 } };
}

export function answerStep(state: AnswerState, event: AnswerEvent): AnswerStep {
  switch (event.kind) {
    case 'written':
      return onWritten(state, event.results);
    case 'judged':
      return onJudged(state, event.verdict);
    case 'failed':
      return onFailed(state, event.error);
  }
}

/** The best text so far, and the round in which it was written. @throws RangeError before the first round was judged */
export function bestOf({ rounds }: AnswerState): { readonly text: string; readonly round: number; readonly score: number } {
  const last = rounds.at(-1);
  if (last === undefined) throw new RangeError('nothing has been judged yet');
  const text = last.candidates[last.verdict.best] ?? '';
  const round = rounds.findIndex(({ candidates, written }) => candidates.slice(candidates.length - written).includes(text));
  return { text, round: Math.max(0, round), score: last.verdict.meanScores[last.verdict.best] ?? 0 };
}

function onWritten(before: AnswerState, results: readonly WriteSuccess[]): AnswerStep {
  const { plan, rounds } = before;
  const fresh = freshTexts(before.seen, results);
  const state = { ...before, writings: [...before.writings, results], seen: new Set([...before.seen, ...fresh.map(comparable)]) };
  if (fresh.length === 0 && rounds.length > 0) return stalled(state, `None of the ${plan.candidates} answers written is a new one`);
  const candidates = [...(rounds.length === 0 ? plan.brought : [bestOf(before).text]), ...fresh];
  if (candidates.length === 0) {
    const message = `None of the ${plan.candidates} answers written has any text that can be judged; another seed or a higher temperature may help`;
    return { state, action: { kind: 'fail', error: new GrmError('no-valid-sample', message) } };
  }
  return { state: { ...state, judging: { candidates, written: fresh.length } }, action: { kind: 'judge', round: rounds.length, responses: candidates } };
}

function onJudged({ judging, ...before }: AnswerState, verdict: Verdict): AnswerStep {
  if (judging === undefined) throw new RangeError('nothing was to be judged');
  const { plan } = before;
  const judged: Judged = { ...judging, verdict };
  const state = { ...before, rounds: [...before.rounds, judged] };
  const { text: draft, score } = bestOf(state);
  if (score >= plan.threshold) return { state, action: { kind: 'answer', ended: 'accepted' } };
  const round = state.rounds.length;
  if (round > plan.rounds) return { state, action: { kind: 'answer', ended: 'exhausted' } };
  const critique = critiqueOfBest(verdict);
  // Without a critique there is nothing to improve by: the round writes anew.
  if (critique === undefined) return { state, action: { kind: 'write', round } };
  return { state: { ...state, rounds: [...before.rounds, { ...judged, critique }] }, action: { kind: 'write', round, revise: { draft, critique } } };
}

/**
 * What the model cannot make of its own words in a further round (a draft that has grown too long, judgements that cannot be read) ends the rounds with
 * the best so far. Everything else is an error even then: the same request must not come to another answer because a sampler was slow.
 */
function onFailed(state: AnswerState, error: GrmError): AnswerStep {
  const ownFault = error.code === 'invalid-request' || error.code === 'no-valid-sample';
  return state.rounds.length > 0 && ownFault ? stalled(state, error.message) : { state, action: { kind: 'fail', error } };
}

function stalled(state: AnswerState, stalledBy: string): AnswerStep {
  return { state, action: { kind: 'answer', ended: 'stalled', stalledBy } };
}

/** What was written that can be judged and was not seen yet, each text once, in the order in which it was asked for. */
function freshTexts(seen: ReadonlySet<string>, results: readonly WriteSuccess[]): string[] {
  const written = results.flatMap(({ answers }) => answers).toSorted((left, right) => left.index - right.index);
  const texts = written.filter(({ finishReason }) => finishReason !== 'cancelled').map(({ text }) => comparable(text.toWellFormed()));
  return [...new Set(texts)].filter((text) => text !== '' && encoder.encode(text).length <= limits.textBytes && !seen.has(text));
}

/** White space around a text makes no other answer of it. */
function comparable(text: string): string {
  return text.trim();
}
