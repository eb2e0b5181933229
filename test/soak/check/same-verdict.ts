import type { Outcome } from '../history.ts';
import type { Rule } from './rule.ts';

interface Content {
  /** Absent of an error, which names none. */
  readonly revision?: string;
  readonly text: string;
}

export const sameVerdict: Rule = {
  name: 'same-verdict',
  promise: 'same question, seed and model revision: the same verdict, byte for byte, disturbed or not',
  broken: ({ calls }) => {
    const found = new Map<string, { readonly content: Content; readonly request: string }[]>();
    const broken: { request: string; message: string }[] = [];
    for (const { question, request, end } of calls) {
      const content = end === undefined ? undefined : contentOf(end.outcome);
      if (content === undefined) continue;
      const before = found.get(question) ?? [];
      const other = before.find((one) => comparable(one.content, content) && one.content.text !== content.text);
      if (other !== undefined) broken.push({ request, message: `differs from the verdict of ${other.request}: ${content.text} instead of ${other.content.text}` });
      found.set(question, [...before, { content, request }]);
    }
    return broken;
  },
};

/** Another revision may well come to another verdict. */
function comparable(one: Content, other: Content): boolean {
  return one.revision === undefined || other.revision === undefined || one.revision === other.revision;
}

/** What the model made of a question; undefined where something kept it from answering. */
function contentOf(outcome: Outcome): Content | undefined {
  if (outcome.kind === 'verdict') return { revision: outcome.revision, text: outcome.substance };
  return outcome.code === 'no-valid-sample' ? { text: outcome.code } : undefined;
}
