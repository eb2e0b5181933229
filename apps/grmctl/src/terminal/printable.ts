/** Text from elsewhere may hold anything: neither control characters nor changes of direction may reach the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD');
}
