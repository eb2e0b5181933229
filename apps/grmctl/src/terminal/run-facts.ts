import { silentSeconds, type WatchedRun } from '../run/watched-run.ts';
import { checkpointText, conditionText, cutOffText, metricsText, noticeText, remainingText, silenceText, stageState, stageTime, troublingConditions } from './run-text.ts';
import { NOTICES_SHOWN } from './run-view.ts';
import { printable } from './printable.ts';

/** A line of a log about one thing. */
export interface Fact {
  /** What it is about. */
  readonly about: string;
  /** What is worth a line at once when it changes; the rest of the text is shown now and then. */
  readonly state: string;
  readonly text: string;
}

/** Between two lines about the same thing whose state has not changed, ms. */
const QUIET_MS = 10_000;

/** What there is to say of a run where lines cannot be taken back. @param nowMs by the watcher's monotonic clock */
export function runFacts(watched: WatchedRun, nowMs: number): Fact[] {
  const { run, progress } = watched;
  const { phase, message, stages, notices = [] } = progress;
  const silent = silentSeconds(watched, nowMs);
  const checkpoint = checkpointText(progress);
  return [
    { about: 'run', state: phase, text: `${run}: ${phase}${message === undefined ? '' : `: ${printable(message)}`}` },
    ...stages
      .filter(({ state }) => state !== 'Pending')
      .map((stage) => {
        const { name, step, steps } = stage;
        const state = stageState(stage, progress);
        const details = [metricsText(stage), stageTime(stage, progress), state === 'Running' ? (remainingText(progress) ?? '') : ''].filter((part) => part !== '');
        return { about: `stage ${name}`, state, text: `${printable(name)}: ${state} ${step}/${steps}${details.length === 0 ? '' : `, ${details.join(', ')}`}` };
      }),
    ...(checkpoint === undefined ? [] : [{ about: 'checkpoint', state: '', text: checkpoint }]),
    ...troublingConditions(progress).map((condition) => ({ about: condition.type, state: condition.reason, text: conditionText(condition, progress) })),
    ...notices.slice(-NOTICES_SHOWN).map((notice) => ({ about: noticeText(notice), state: '', text: noticeText(notice) })),
    ...(watched.connected ? [] : [{ about: 'connection', state: '', text: cutOffText }]),
    ...(silent === undefined ? [] : [{ about: 'silence', state: '', text: silenceText(silent, progress) }]),
  ];
}

interface Shown {
  readonly state: string;
  readonly text: string;
  readonly atMs: number;
}

/** Which facts have a line to be printed. */
export class FactLines {
  #shown: ReadonlyMap<string, Shown> = new Map();

  /** The texts that are new, or changed and not shown for a while. What is no fact any more is new when it comes again. */
  next(facts: readonly Fact[], nowMs: number): string[] {
    const lines: string[] = [];
    const shown = new Map<string, Shown>();
    for (const { about, state, text } of facts) {
      const before = this.#shown.get(about);
      const due = before === undefined || before.state !== state || (before.text !== text && nowMs - before.atMs >= QUIET_MS);
      if (due) lines.push(text);
      shown.set(about, due ? { state, text, atMs: nowMs } : before);
    }
    this.#shown = shown;
    return lines;
  }
}
