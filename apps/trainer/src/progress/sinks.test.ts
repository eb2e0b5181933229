import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scriptedEvents } from '../testing/scripted-events.ts';
import { barSink } from './bar-sink.ts';
import { jsonLinesSink } from './json-lines-sink.ts';
import { metricsFileSink } from './metrics-file-sink.ts';
import { progressFileSink, readProgressFile } from './progress-file.ts';
import type { ProgressSink } from './run-event.ts';
import { RunJournal } from './run-journal.ts';
import { textSink } from './text-sink.ts';

/** Plays the run, ten seconds an event. */
async function play(...sinks: readonly ProgressSink[]): Promise<RunJournal> {
  let seconds = 0;
  await using journal = new RunJournal(['rft', 'grpo'], sinks, { clock: () => new Date(1000 * seconds), cpuSeconds: () => seconds });
  for (const event of scriptedEvents) {
    seconds += 10;
    journal.record(event);
  }
  return journal;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'progress-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const linesOf = (text: string): unknown[] => text.trimEnd().split('\n').map((line): unknown => JSON.parse(line));

describe('progress as text', () => {
  it('says what happens, the metrics that tell most, and at the end how good the judge is', async () => {
    const output = new PassThrough();
    await play(textSink(output, () => 0));
    expect(String(output.read())).toBe(`\
rft: started, about 1,200 steps
rft: 600/1200  drawnRequests 600
saved keptJudgements to file:///kept
rft: Complete  kept 4,321, loss 0.6123
grpo: started, about 3 steps
grpo: 1/3  reward 0.25, kl 0.01235, liveGroups 20
grpo: checkpoint at step 1
grpo: WARNING KLRollback: KL was above 0.5 nats a token for 5 steps up to step 2 (last: 0.612); back at step 1
run: KLWithinLimit is False (RolledBack)
grpo: 3/3  reward 0.75, kl 0.3, liveGroups 16, 100 tokens/s
saved policy to file:///policy
grpo: Complete  rollbacks 1
run: told to stop
SUITE      METHOD  ACCURACY        95 %         ITEMS
nanobench  greedy  71.2            68.4 - 74.0  1000
single     vote@8  81.3 (ROC-AUC)  78.4 - 84.0  500
run: Complete  5K tokens, 0.053 CPU hours
`);
  });

  it('has a line for a step every few seconds only', async () => {
    const output = new PassThrough();
    let now = 0;
    const sink = textSink(output, () => now);
    const journal = new RunJournal(['rft'], [sink]);
    for (let step = 1; step <= 12; step += 1) {
      now = 1000 * step;
      journal.record({ type: 'stage-advanced', stage: 'rft', step, steps: 100, metrics: {} });
    }
    await journal[Symbol.asyncDispose]();
    expect(String(output.read()).match(/\d+(?=\/100)/g)).toEqual(['1', '6', '11']);
  });
});

/** What is left of each line on a terminal: what was written since the cursor was last at its beginning. */
const leftOn = (drawn: string): string[] =>
  drawn.split('\n').map((line) => stripVTControlCharacters(line.split('\u001B[1G').at(-1)?.split('\r').at(-1) ?? ''));

describe('progress as a bar', () => {
  it('is at the bottom while a stage runs, with a line above it for everything that happens', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
    await play(barSink(terminal));
    const drawn = String(terminal.read());
    expect(stripVTControlCharacters(drawn)).toMatch(/rft +█{10}░{10} 600\/1200 {2}drawnRequests 600/u);
    expect(stripVTControlCharacters(drawn)).toMatch(/grpo +█+ 3\/3 {2}reward 0\.75, kl 0\.3, liveGroups 16, 100 tokens\/s, saved at 1/u);
    expect(leftOn(drawn)).toEqual([
      'saved keptJudgements to file:///kept',
      'rft: Complete  kept 4,321, loss 0.6123',
      'grpo: WARNING KLRollback: KL was above 0.5 nats a token for 5 steps up to step 2 (last: 0.612); back at step 1',
      'run: KLWithinLimit is False (RolledBack)',
      'saved policy to file:///policy',
      'grpo: Complete  rollbacks 1',
      'run: told to stop',
      'SUITE      METHOD  ACCURACY        95 %         ITEMS',
      'nanobench  greedy  71.2            68.4 - 74.0  1000',
      'single     vote@8  81.3 (ROC-AUC)  78.4 - 84.0  500',
      'run: Complete  5K tokens, 0.053 CPU hours',
      '',
    ]);
  });
});

describe('progress as JSON lines', () => {
  it('tells every event but the many pieces of work, whose sums it gives with each step', async () => {
    const output = new PassThrough();
    await play(jsonLinesSink(output));
    const lines = linesOf(String(output.read()));
    expect(lines).toHaveLength(scriptedEvents.filter(({ type }) => type !== 'worked').length);
    expect(lines[0]).toEqual({ time: '1970-01-01T00:00:10.000Z', ...scriptedEvents[0] });
    expect(lines.at(-1)).toMatchObject({ type: 'run-finished', usage: { tokens: 5_000, cpuHours: 190 / 3600 } });
  });
});

describe('the metrics file of a run', () => {
  it('gets every measurement, the rows of the evaluation, and the notices that explain a curve', async () => {
    const file = join(await temporaryFolder(), 'metrics.jsonl');
    await play(metricsFileSink(file, () => expect.unreachable()));
    const lines = linesOf(await readFile(file, 'utf8'));
    expect(lines.slice(0, 5)).toEqual([
      { stage: 'rft', step: 600, drawnRequests: 600 },
      { stage: 'rft', state: 'Complete', kept: 4321, loss: 0.61234 },
      { stage: 'grpo', step: 1, reward: 0.25, kl: 0.0123456, liveGroups: 20, padding: 0.1 },
      { stage: 'grpo', step: 2, reward: 0.5, kl: 0.6, liveGroups: 18 },
      { stage: 'grpo', notice: 'KLRollback', message: expect.stringContaining('back at step 1') },
    ]);
    expect(lines.slice(-3)).toMatchObject([{ suite: 'nanobench' }, { category: 'chat' }, { method: 'vote@8' }]);
  });

  it('that cannot be written is said once, and the run goes on', async () => {
    const failures: Error[] = [];
    const journal = await play(metricsFileSink(join(await temporaryFolder(), 'gone', 'metrics.jsonl'), (error) => failures.push(error)));
    expect(journal.progress.phase).toBe('Complete');
    expect(failures).toHaveLength(1);
  });
});

describe('the progress file of a run', () => {
  const sinkOf = (folder: string, run: string): ProgressSink => progressFileSink(folder, run, () => expect.unreachable());

  it('brings what an earlier trainer had come to, for the same run alone', async () => {
    const folder = await temporaryFolder();
    const { progress } = await play(sinkOf(folder, 'default/nano'));
    expect(await readProgressFile(folder, 'default/nano')).toEqual(progress);
    expect(await readProgressFile(folder, 'default/other')).toBeUndefined();
  });

  it('is left alone by a run that ends before a stage has begun, since the folder may be another run\'s', async () => {
    const folder = await temporaryFolder();
    {
      await using journal = new RunJournal(['rft'], [sinkOf(folder, 'default/nano')]);
      journal.record({ type: 'run-finished', phase: 'Failed', message: 'the folder holds another run' });
    }
    expect(await readProgressFile(folder, 'default/nano')).toBeUndefined();
  });
});
