import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Percentiles } from '../check/latencies.ts';
import { duration } from './report-text.ts';
import type { SoakReport } from './soak-report.ts';

/** Writes a soak's figures between the page's two markers of its ground. @throws Error where the page has none */
export async function writeReliabilityPage(file: string, report: SoakReport): Promise<void> {
  const page = await readFile(file, 'utf8');
  const [begin, end] = [`<!-- soak ${report.ground}: written by the run -->`, `<!-- end of soak ${report.ground} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for the figures of ${report.ground}: two lines, ${begin} and ${end}`);
  await writeFile(file, `${page.slice(0, from + begin.length)}\n${figures(report)}\n${page.slice(to)}`);
}

function figures({ ground, seed, rate, minutes, calls, verdicts, errors, attempts, latency, recoveries, deadLetters, training, violations }: SoakReport): string {
  const all = Object.values(calls).reduce((sum, count) => sum + count, 0);
  const rows = (head: readonly string[], lines: readonly (readonly (string | number)[])[]): string =>
    [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return [
    `\`make soak ARGS="--ground ${ground}${training === undefined ? ' --no-training' : ''} --minutes ${minutes} --rate ${rate} --seed ${seed}"\` on ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), which others used too:`,
    '',
    rows(
      ['', ''],
      [
        ['requests', `${all}: ${calls.load} steady, ${calls.repeat} asked again under the same id, ${calls.burst} in bursts, ${calls.replay} replayed in quiet; ${attempts} heard on the wire, retries included`],
        ['verdicts', verdicts],
        ['errors', tally(errors)],
        ['dead letters', tally(deadLetters)],
        ...(training === undefined ? [] : [['training steps', `${training.steps} measured, each accounted for once; ${training.redone} of them done again after a restart; resumed ${training.resumed} times`]]),
        ['broken promises', violations.length],
      ],
    ),
    '',
    rows(['latency of verdicts', 'count', 'p50', 'p95', 'p99', 'longest'], [percentilesRow('undisturbed', latency.quiet), percentilesRow('while a fault lasted', latency.disturbed)]),
    '',
    rows(
      ['fault', 'struck', 'all runs again after, at most', 'answers as fast as before after, at most', 'errors meanwhile'],
      recoveries.map(({ name, struck, healedMs, servedMs, errors: meanwhile }) => [name, struck, duration(healedMs), duration(servedMs), meanwhile]),
    ),
  ].join('\n');
}

function percentilesRow(name: string, { count, p50, p95, p99, longest }: Percentiles): (string | number)[] {
  return [name, count, duration(p50), duration(p95), duration(p99), duration(longest)];
}

function tally(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([word, count]) => `${count} ${word}`).join(', ') || 'none';
}
