const LONGEST_CELL = 60;

/** What others wrote may hold anything: neither control characters nor changes of direction may reach the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD');
}

/** One line of a cell. */
export function short(text: string): string {
  const line = printable(text.replaceAll(/\s+/g, ' ').trim());
  return line.length <= LONGEST_CELL ? line : `${line.slice(0, LONGEST_CELL - 1)}…`;
}
