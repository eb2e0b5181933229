/** `Response 2`, `**Responses 1 and 3**`: the responses that a sentence names, by the numbers under which the prompt showed them. */
const mention = /\bresponses?[ \t]*#?\d+(?:[ \t]*(?:,|&|and|or)[ \t]*#?\d+)*/gi;

/** The number of an item of a list, without the item. */
const listMark = /^[\s*_#>-]*\d{0,2}[.)]?$/;

/**
 * What an analysis says of one response, as if the judge had been shown that response alone: its sentences about it, and those before any response is named
 * (the working, mostly). A sentence that names no response goes on about those named last. The response becomes `Response 1`, as it is called when it is the only
 * one: `Response 2 says 24, want 23: wrong.` -> `Response 1 says 24, want 23: wrong.`
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
    if ((isGeneral || subjects.includes(number)) && !listMark.test(sentence)) kept.push(sentence.replace(mention, (text) => renamed(text, number)).trim());
  }
  return kept.join(' ').trim();
}

function numbersOf(text: string): number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}

function renamed(text: string, number: number): string {
  const named = numbersOf(text);
  if (!named.includes(number)) return named.length > 1 ? 'other responses' : 'another response';
  return named.length > 1 ? 'Response 1 and others' : text.replace(/\d+/, '1');
}
