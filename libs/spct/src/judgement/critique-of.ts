/** `Response 2`, `**Responses 1 and 3**`: the responses that a sentence names, by the numbers under which the prompt showed them. */
const mention = /\bresponses?[ \t]*#?\d+(?:[ \t]*(?:,|&|and|or)[ \t]*#?\d+)*/gi;

/** Where a sentence begins with such a name, with the marks around it. */
const opening = /^[\s*_#>-]*(?:the\s+)?$/i;
const afterOpening = /^[\s*_:,)-]+/;

const listMark = /^[\s*_#>-]*\d{0,2}[.)]?$/;

/**
 * What an analysis says of one response, as a review of that response alone: its sentences about it, and those before any response is named
 * (the working, mostly). A sentence that names no response goes on about those named last. The response's own name is left out where a
 * sentence begins with it, since a review has one subject: `Response 2 says 24, want 23: wrong.` -> `says 24, want 23: wrong.`
 * @param position at which the prompt showed it, from 0
 * @returns empty where the analysis does not speak of it
 */
export function critiqueOf(analysis: string, position: number): string {
  const number = position + 1;
  let subjects: readonly number[] = [];
  const kept: string[] = [];
  for (const sentence of analysis.split(/(?<=[.!?])\s+|\n+/)) {
    const named = [...sentence.matchAll(mention)].flatMap(([text]) => numbersOf(text));
    if (named.length > 0) subjects = named;
    const isGeneral = subjects.length === 0;
    if ((isGeneral || subjects.includes(number)) && !listMark.test(sentence)) kept.push(withoutNumbers(sentence, number).trim());
  }
  return kept.join(' ').trim();
}

function numbersOf(text: string): number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}

/** The numbers mean nothing to who reads the review: they are those of one prompt. */
function withoutNumbers(sentence: string, number: number): string {
  const [first] = sentence.matchAll(mention);
  const begins = first !== undefined && opening.test(sentence.slice(0, first.index)) && numbersOf(first[0]).every((named) => named === number);
  const rest = begins ? sentence.slice(first.index + first[0].length).replace(afterOpening, '') : sentence;
  return rest.replace(mention, (text) => {
    const named = numbersOf(text);
    if (!named.includes(number)) return named.length > 1 ? 'other answers' : 'another answer';
    return named.length > 1 ? 'this answer and others' : 'this answer';
  });
}
