import { InvalidArgumentError, Option } from 'commander';

/** Options that several commands share, each written once. */
export const folderOption = () => new Option('--folder <path>', 'where the local runtime keeps state, logs and runs').default('.grm');
export const jsonOption = () => new Option('--json', 'print JSON, for programs');
export const namespaceOption = (of = 'service') => new Option('-n, --namespace <name>', `namespace of the ${of}`).default('default');
export const serverOption = () => new Option('-s, --server <url>', 'NATS server (default: $GRM_NATS_URL, else the one of `grmctl local`, else nats://127.0.0.1:4222)');
export const credentialsOption = () => new Option('--creds <file>', 'your NATS user: a .creds file or an nkey seed (default: $GRM_NATS_CREDENTIALS)');
export const authorityOption = () => new Option('--ca <file>', "authority of the NATS server's certificate, PEM (default: $GRM_NATS_CA, else the system's)");

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < least || number > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}

/** A number within bounds. */
export function realNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    if (!(number >= least && number <= most)) throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
    return number;
  };
}

/** An option that takes a duration; its default is written, and shown, the same way. */
export const durationOption = (flags: string, description: string, standard: string) =>
  new Option(flags, description).argParser(duration).default(duration(standard), standard);

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m`, `250ms`; in milliseconds. */
export function duration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) throw new InvalidArgumentError('It must be a duration such as 250ms, 90s, 5m or 1h.');
  return Number(amount) * (UNITS[unit] ?? 1);
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}
