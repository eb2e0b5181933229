import Table from 'cli-table3';
import type { Percentiles } from '../check/latencies.ts';
import type { SoakReport } from './soak-report.ts';

const shownViolations = 20;

/** For a terminal. */
export function reportText({ ground, minutes, seed, calls, verdicts, errors, attempts, latency, recoveries, deadLetters, training, violations }: SoakReport): string {
  const faults = new Table({ head: ['fault', 'struck', 'all runs again after', 'served as before after', 'errors meanwhile'], style: { head: [], border: [] } });
  for (const { name, struck, healedMs, servedMs, errors: meanwhile } of recoveries) faults.push([name, struck, duration(healedMs), duration(servedMs), meanwhile]);
  const all = Object.values(calls).reduce((sum, count) => sum + count, 0);
  return [
    `${ground}, seed ${seed}, ${minutes} minutes: ${all} requests (${calls.load} steady, ${calls.repeat} repeated, ${calls.burst} in bursts, ${calls.replay} replayed), ${attempts} heard on the wire`,
    `${verdicts} verdicts; errors: ${tally(errors)}; dead letters: ${tally(deadLetters)}`,
    `undisturbed: ${percentilesText(latency.quiet)}`,
    `disturbed:   ${percentilesText(latency.disturbed)}`,
    ...(training === undefined ? [] : [`training: ${training.steps} steps accounted for, ${training.redone} of them redone, resumed ${training.resumed} times`]),
    faults.toString(),
    violations.length === 0 ? 'Every promise was kept.' : `${violations.length} violations:`,
    ...violations.slice(0, shownViolations).map(({ rule, request, message }) => `  ${rule}${request === undefined ? '' : ` ${request}`}: ${message}`),
  ].join('\n');
}

function percentilesText({ count, p50, p95, p99, longest }: Percentiles): string {
  return `${count} verdicts, p50 ${duration(p50)}, p95 ${duration(p95)}, p99 ${duration(p99)}, longest ${duration(longest)}`;
}

function tally(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([word, count]) => `${count} ${word}`).join(', ') || 'none';
}

export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return '-';
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
