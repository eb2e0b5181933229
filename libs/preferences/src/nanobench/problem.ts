import type { Random } from '../random/random.ts';

/** What the analysis writes about one response, and whether it agrees with what is wanted. */
export interface Check {
  /** e.g. "says 23, want 23" or "dog 1 dog 2 river no, want 2". */
  readonly shown: string;
  readonly right: boolean;
}

/** One way through a problem: what is wanted, derived once, then each response held against it. */
export interface Solution {
  /** The derivation, a sentence: "11 - 8 = 3, 6 - 3 - 1 = 2, so 23." */
  readonly working: string;
  /** @param response index into the problem's responses. */
  check(response: number): Check;
}

/** A question whose answers can be verified, with its answers: the right one first. */
export interface Problem {
  readonly query: string;
  readonly responses: readonly string[];
  /** What the question asks, the same for questions that differ only in the order of their parts ("add 38 61"). */
  readonly question: string;
  /** The careful solution. */
  solve(): Solution;
  /** A solution with a slip in the derivation, consistent from there on. */
  slip(random: Random): Solution;
  /** What is wanted, in a few words: "82." or "refuse." */
  readonly reference: string;
  /** The careful solution that takes what is wanted from the reference instead of deriving it. */
  refer(): Solution;
}

/** A problem as its kind describes it: `Wanted` is what the derivation finds, `Given` what a response holds. */
export interface ProblemParts<Wanted, Given> {
  readonly query: string;
  readonly question?: string;
  readonly wanted: Wanted;
  /** The right answer first, texts all different. */
  readonly answers: readonly { readonly text: string; readonly given: Given }[];
  derive(wanted: Wanted): string;
  /** What is wanted, as bare words: "82" or "refuse". */
  name(wanted: Wanted): string;
  check(given: Given, wanted: Wanted): Check;
  slip(random: Random): Wanted;
}

/** Closes over the kind's own types, so that problems of all kinds are handled alike. */
export function problemOf<Wanted, Given>(parts: ProblemParts<Wanted, Given>): Problem {
  const reference = `${parts.name(parts.wanted)}.`;
  const solution = (wanted: Wanted, working: string): Solution => ({
    working,
    check: (response) => {
      const answer = parts.answers[response];
      if (answer === undefined) throw new RangeError(`response ${response} of ${parts.answers.length}`);
      return parts.check(answer.given, wanted);
    },
  });
  return {
    query: parts.query,
    question: parts.question ?? parts.query,
    responses: parts.answers.map(({ text }) => text),
    solve: () => solution(parts.wanted, parts.derive(parts.wanted)),
    slip: (random) => {
      const slipped = parts.slip(random);
      return solution(slipped, parts.derive(slipped));
    },
    reference,
    refer: () => solution(parts.wanted, `the reference says ${reference}`),
  };
}
