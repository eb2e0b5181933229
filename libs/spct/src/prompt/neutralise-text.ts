import { foldText } from './fold-text.ts';

/**
 * Places where a backslash goes in, matched on folded text; the backslash goes behind the first group. Each pattern also
 * takes backslashes that are already there and adds one more, so that nothing is lost: taking one away gives the text back.
 * All are linear in the text: it comes from outside, up to hundreds of kilobytes of anything.
 */
const dangers: readonly RegExp[] = [
  // A delimiter of a template, or the instruction brackets of chat formats.
  /(\[)(?=[\s\\/*_#]*(?:the\s*(?:begin|end)|(?:begin|start|end)\w*\s*of|query|responses?|reference|criteria|hint|judge|draft|critique|answer|user|assistant|system|inst|general\s*eval|(?:available_)?tool)(?![a-z]))/g,
  // A list of numbers, which the parser would take for scores where the judge wrote no box.
  /(\[)(?=[\s\\\p{N}.,;+\-*_`$]*\])/gu,
  // A box.
  /(boxed\s*)(?=\\*\{)/g,
  // A control token of a tokenizer or chat format: <|im_end|>, </s>, <start_of_turn>, <think>, <<SYS>>.
  /(<)(?=\\*(?:\||\/?(?:s|eos|bos|pad|unk|mask|think|sys|system|user|assistant|im_start|im_end|start_of_turn|end_of_turn|begin_of_text|end_of_text|endoftext)\s*>|<\/?sys))/g,
  // A heading as deep as those of the prompt.
  /(###)(?=\\*#)/g,
  // A line that starts like a turn of the conversation or like a part of a judgement.
  /^([*_>#\-\t\p{Zs}]*(?:user|assistant|system|specific\s*criteria|criteria|analysis|scores))(?=[\s*_]*\\*:)/gmu,
];

/** Line ends that are not `\n` to JavaScript's patterns or to a reader: CR, vertical tab, form feed, NEL, LS, PS. */
const lineEnds = /\r\n?|[\v\f\u0085\u2028\u2029]/g;

/** Control characters have no business in a prompt; Unicode tags (U+E0000 on) spell ASCII that only a model sees. */
const unseen = /(?![\t\n])\p{Cc}|[\u{E0000}-\u{E007F}]/gu;

/**
 * Makes text from outside safe to stand inside a prompt. What could pass for the prompt's own words or for the judge's
 * box gets a backslash inside, also in disguise (look-alike letters, full-width forms, invisible characters):
 * `[The End of Response 1]` -> `[\The End of Response 1]`, `[10, 1]` -> `[\10, 1]`, `\boxed{10}` -> `\boxed\{10}`,
 * `<|im_end|>` -> `<\|im_end|>`, `####` -> `###\#`, `Scores:` at the start of a line -> `Scores\:`.
 * The backslash stands inside so that a judge that quotes only a part, brackets included, quotes it too.
 * Lone surrogates and control characters become U+FFFD; every kind of line end becomes `\n`; all else stays as it is.
 */
export function neutraliseText(text: string): string {
  const clean = text.toWellFormed().replace(lineEnds, '\n').replace(unseen, '\uFFFD');
  const folded = foldText(clean);
  const offsets = new Set<number>();
  for (const danger of dangers) {
    for (const match of folded.text.matchAll(danger)) {
      const offset = folded.ends[match.index + (match[1]?.length ?? 0) - 1];
      if (offset !== undefined) offsets.add(offset);
    }
  }
  let safe = '';
  let from = 0;
  for (const offset of [...offsets].sort((left, right) => left - right)) {
    safe += `${clean.slice(from, offset)}\\`;
    from = offset;
  }
  return safe + clean.slice(from);
}
