/**
 * Counts aloud: each word that counts is followed by the running number, each other by "no"
 * ("dog 1 cat 2 river no").
 */
export function countWords(
  words: readonly string[],
  counts: (word: string, index: number) => boolean,
  remark: (word: string) => string = () => '',
): { readonly text: string; readonly count: number } {
  let count = 0;
  const parts = words.map((word, index) => `${word}${remark(word)} ${counts(word, index) ? (count += 1) : 'no'}`);
  return { text: parts.join(' '), count };
}
