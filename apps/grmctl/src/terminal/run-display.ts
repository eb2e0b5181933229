import type { RunProgress } from '@grm/protocol';
import { hasEnded, silentSeconds, type WatchedRun } from '../run/watched-run.ts';
import { LiveBlock } from './live-block.ts';
import { FactLines, runFacts } from './run-facts.ts';
import { evaluationRows } from './run-text.ts';
import { evaluationTable, runView } from './run-view.ts';
import { coloursFor, type Terminal, writeJson, writeLine } from './terminal.ts';

/** Where a run is shown while it is watched. */
export interface RunDisplay extends Disposable {
  /** Called for each value and every second. @param nowMs monotonic */
  show(watched: WatchedRun, nowMs: number): void;
}

/** In place on a terminal; elsewhere a line for what changes; with `json` a line of JSON for each value. */
export function openRunDisplay({ json }: { readonly json?: boolean }, terminal: Terminal): RunDisplay {
  if (json === true) return jsonDisplay(terminal);
  return terminal.output.isTTY === true ? liveDisplay(terminal) : lineDisplay(terminal);
}

/** Where a run is now, without waiting for more. */
export function showOnce(watched: WatchedRun, { json }: { readonly json?: boolean }, { output, environment }: Terminal): void {
  if (json === true) writeJson(output, jsonOf(watched, performance.now()));
  else writeLine(output, runView(watched, { nowMs: performance.now(), colours: coloursFor(output, environment) }).join('\n'));
}

function liveDisplay({ output, environment }: Terminal): RunDisplay {
  const block = new LiveBlock(output);
  const colours = coloursFor(output, environment);
  return {
    show: (watched, nowMs) => block.draw(runView(watched, { nowMs, colours, columns: output.columns })),
    [Symbol.dispose]: () => block[Symbol.dispose](),
  };
}

function lineDisplay({ output, environment }: Terminal): RunDisplay {
  const facts = new FactLines();
  let over = false;
  return {
    show: (watched, nowMs) => {
      for (const line of facts.next(runFacts(watched, nowMs), nowMs)) writeLine(output, line);
      if (over || !hasEnded(watched.progress)) return;
      over = true;
      const rows = evaluationRows(watched.progress);
      if (rows.length > 0) writeLine(output, evaluationTable(rows, coloursFor(output, environment)).join('\n'));
    },
    [Symbol.dispose]: () => undefined,
  };
}

function jsonDisplay({ output }: Terminal): RunDisplay {
  let last: { readonly progress: RunProgress; readonly silent: boolean } | undefined;
  return {
    show: (watched, nowMs) => {
      const { progress } = watched;
      const silent = silentSeconds(watched, nowMs) !== undefined;
      if (last?.progress === progress && last.silent === silent) return;
      last = { progress, silent };
      writeLine(output, JSON.stringify(jsonOf(watched, nowMs)));
    },
    [Symbol.dispose]: () => undefined,
  };
}

/** The progress as the trainer wrote it, whose it is, and for how long nothing has come where something should have. */
function jsonOf(watched: WatchedRun, nowMs: number): object {
  const { namespace, run, progress } = watched;
  const silent = silentSeconds(watched, nowMs);
  return { namespace, run, ...progress, ...(silent === undefined ? {} : { silentSeconds: silent }) };
}
