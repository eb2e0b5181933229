#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nanobenchItems } from '@grm/preferences';

/*
 * What `make demo` runs: the commands that a user would type, one after the other, and a clean end whatever happens.
 * The figures go to .grm/demo.json.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const GRMCTL = join('apps', 'grmctl', 'dist', 'main.js');
const STATE = join('.grm', 'demo');
const BEFORE = join('.grm', 'demo-before.json');
const AFTER = join('.grm', 'demo-after.json');
const FIGURES = join('.grm', 'demo.json');
const ITEMS = 240;

interface Accuracy {
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
}

interface BenchReport {
  readonly items: number;
  readonly verdictsPerSecond: number;
  readonly methods: Readonly<Record<string, Accuracy & { readonly categories: Readonly<Record<string, Accuracy>> }>>;
}

let interrupted: NodeJS.Signals | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // The command that runs gets the signal as well, from the terminal or from here, and ends; then everything is taken down.
  process.on(signal, () => {
    interrupted ??= signal;
    running?.kill('SIGTERM');
  });
}
let running: ReturnType<typeof spawn> | undefined;

class CommandFailedError extends Error {}

async function grmctl(words: readonly string[], options: { readonly input?: string; readonly quiet?: boolean } = {}): Promise<void> {
  if (options.quiet !== true) say(`$ grmctl ${words.join(' ')}`);
  const child = spawn(process.execPath, [GRMCTL, ...words], { cwd: ROOT, stdio: ['pipe', options.quiet === true ? 'ignore' : 'inherit', 'inherit'] });
  running = child;
  child.stdin?.end(options.input ?? '');
  const [code]: unknown[] = await once(child, 'exit');
  running = undefined;
  if (code !== 0) throw new CommandFailedError(`grmctl ${words[0] ?? ''} ended with exit code ${String(code)}`);
}

async function step(words: readonly string[], input?: string): Promise<void> {
  if (interrupted !== undefined) throw new CommandFailedError(`ended by ${interrupted}`);
  await grmctl([...words, '--folder', STATE], input === undefined ? {} : { input });
}

const takeDown = () => grmctl(['local', 'down', '--folder', STATE], { quiet: true });

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function demo(): Promise<void> {
  const began = performance.now();
  // What an earlier demo left: it may have been killed.
  await takeDown();
  await rm(join(ROOT, STATE), { recursive: true, force: true });

  const bench = (service: string, methods: string, report: string) =>
    step(['bench', '--service', service, '--count', String(ITEMS), '--methods', methods, '--report', report]);

  say(`1. Before training: the base, served over a real NATS server, judges ${ITEMS} held-out items:\n`);
  await step(['local', 'up', '-f', 'examples/base', '--nats-port', '0', '--log-level', 'warn', '--timeout', '5m']);
  await bench('nano-base', 'greedy,vote@8', BEFORE);
  await takeDown();

  say('\n2. A short training run (rejective fine-tuning, reinforcement learning, meta RM), and a service of what it made:\n');
  await step(['local', 'up', '-f', 'examples/nano', '--nats-port', '0', '--log-level', 'warn', '--timeout', '10m']);

  say(`\n3. After training: the same ${ITEMS} items:\n`);
  await bench('nano', 'greedy,vote@8,meta@8', AFTER);

  say('\n4. One verdict, and one of its judgements in full:\n');
  const [item] = nanobenchItems({ split: 'test', seed: 2, count: 1, category: 'chat-hard' });
  if (item === undefined) throw new Error('nanobench gave no item');
  const { id, conversation, responses, best } = item;
  say(`   ${conversation.map(({ role, content }) => `${role}: ${content}`).join('\n   ')}`);
  await step(['judge', '-f', '-', '--samples', '8', '--seed', '1', '--judgements', '1'], JSON.stringify({ id, conversation, responses, best }));

  const [before, after] = await Promise.all([BEFORE, AFTER].map(readReport));
  if (before === undefined || after === undefined) throw new Error('a report is missing');
  say(`\n5. What training brought, on the same items:\n\n${beforeAndAfter(before, after)}`);
  const figures = { ...figuresOf(after, (performance.now() - began) / 1000), before: figuresOf(before, 0).methods };
  await mkdir(join(ROOT, '.grm'), { recursive: true });
  await writeFile(join(ROOT, `${FIGURES}.new`), `${JSON.stringify(figures, undefined, 2)}\n`);
  await rename(join(ROOT, `${FIGURES}.new`), join(ROOT, FIGURES));
  say(`\nThat took ${figures.seconds.toFixed(0)} s; the figures are in ${FIGURES}.`);
}

const readReport = async (file: string): Promise<BenchReport> => JSON.parse(await readFile(join(ROOT, file), 'utf8'));

/** Accuracy in percent, method by method. */
function beforeAndAfter(before: BenchReport, after: BenchReport): string {
  const shown = (accuracy: Accuracy | undefined): string =>
    accuracy === undefined ? '' : `${(100 * accuracy.accuracy).toFixed(1)} [${(100 * accuracy.low).toFixed(1)}, ${(100 * accuracy.high).toFixed(1)}]`;
  const rows = Object.entries(after.methods).map(([method, accuracy]) => [method, shown(before.methods[method]), shown(accuracy)]);
  return [['', 'before', 'after'], ...rows].map(([method = '', old = '', now = '']) => `   ${method.padEnd(10)} ${old.padEnd(20)} ${now}`).join('\n');
}

function figuresOf({ items, verdictsPerSecond, methods }: BenchReport, seconds: number) {
  const plain = ({ accuracy, low, high }: Accuracy) => ({ accuracy, low, high });
  const mapped = <From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
  return {
    seconds,
    items,
    verdictsPerSecond,
    methods: mapped(methods, (method) => ({ ...plain(method), categories: mapped(method.categories, plain) })),
  };
}

const HOW_TO_GO_ON = `
To go on:
  npx grmctl local up -f examples/nano                      start it again, and keep it
  npx grmctl judge -q "what is 17 + 25?" -r 42. -r 32.      ask it
  npx grmctl bench --methods vote@32,meta@32                more samples
  npx grmctl local status | logs | down                     look at it, end it
  examples/nano/*.yaml                                      the two manifests: change them and apply them again
  docs/architecture.md                                      how it works`;

try {
  await demo();
  await takeDown();
  say(HOW_TO_GO_ON);
} catch (error) {
  // A signal that comes now must not keep the processes from being ended.
  await takeDown().catch(() => undefined);
  process.stderr.write(`\nThe demo did not finish: ${interrupted === undefined ? String(error instanceof Error ? error.message : error) : `ended by ${interrupted}`}\nThe logs are in ${join(STATE, 'local', 'logs')}.\n`);
  process.exitCode = interrupted === undefined ? 1 : 130;
}
