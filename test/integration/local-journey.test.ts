import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@grm/controller-runtime/testing';
import { parsePayload, Verdict } from '@grm/protocol';
import { nanobenchItems, type PreferenceItem, writePreferenceItems } from '@grm/preferences';
import { afterAll, describe, expect, it } from 'vitest';
import { grmctl, temporaryFolder, writeScriptedModel } from '../support/index.ts';

const endings = [[9, 2], [3, 8]];
const folder = await temporaryFolder();
const run = (...words: string[]) => grmctl(folder.path, ...words);
/** What a command prints, where it is meant to succeed. */
async function outputOf(...words: string[]): Promise<string> {
  const { code, output, errors } = await run(...words);
  if (code !== 0) throw new Error(`grmctl ${words.join(' ')} exited with ${code}:\n${errors}`);
  return output;
}
afterAll(async () => {
  await run('local', 'down');
  await folder[Symbol.asyncDispose]();
});

await writeScriptedModel(join(folder.path, 'models/judge'), { endings });
await writeScriptedModel(join(folder.path, 'models/meta-rm'), { endings, soundness: [3, -3] });
await mkdir(join(folder.path, 'manifests'));
const manifest = (name: string, text: string) => writeFile(join(folder.path, 'manifests', name), `apiVersion: grm.dev/v1alpha1\n${text}`);
await manifest(
  'run.yaml',
  `kind: GRMTrainingRun
metadata: {name: tiny}
spec:
  model: {hiddenSize: 16, layers: 1, heads: 1, intermediateSize: 32, vocabularySize: 400, contextLength: 512}
  stages:
    pretrain: {corpus: {builtin: nanobench}, tokens: 8000, batchTokens: 4096}
  engine: {embedded: {threads: 1}}
`,
);
await manifest(
  'trained.yaml',
  `kind: GRMInferenceService
metadata: {name: trained}
spec:
  model: {trainingRun: {name: tiny}}
  sampling: {samples: 2, maxTokens: 16}
`,
);
await manifest(
  'scripted.yaml',
  `kind: GRMInferenceService
metadata: {name: scripted}
spec:
  model: {volume: {path: ../models/judge}}
  sampling: {samples: 8, maxTokens: 50}
  vote: {metaRM: Weight}
  metaRM: {model: {volume: {path: ../models/meta-rm}}}
`,
);
const pairs: PreferenceItem[] = [];
for (const item of nanobenchItems({ split: 'dev', seed: 1 })) {
  if (item.responses.length === 2) pairs.push(item);
  if (pairs.length === 12) break;
}
await writePreferenceItems(join(folder.path, 'pairs.jsonl'), pairs);

interface Status {
  readonly running: boolean;
  readonly resources: readonly { readonly name: string; readonly phase: string }[];
  readonly processes: readonly { readonly name: string; readonly state: string; readonly identity?: { readonly pid: number } }[];
}
const status = async (): Promise<Status> => JSON.parse(await outputOf('local', 'status', '--json'));
const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const question = ['judge', '--service', 'scripted', '-q', 'What is 17 + 25?', '-r', '42', '-r', '32', '--seed', '3', '--json'];

describe('from manifests to verdicts on one machine', () => {
  it('trains what is to be trained, serves, judges, measures, and ends everything', async () => {
    await outputOf('local', 'up', '-f', 'manifests', '--nats-port', '0', '--timeout', '90s');
    const before = await status();
    expect(Object.fromEntries(before.resources.map(({ name, phase }) => [name, phase]))).toEqual({ tiny: 'Complete', trained: 'Ready', scripted: 'Ready' });

    const verdict = parsePayload(Verdict, await outputOf(...question), 'Verdict');
    expect(verdict).toMatchObject({ model: { name: 'judge' }, samples: { asked: 8 } });

    // A model of two steps writes no judgement; that it is asked at all is the run's artefact in service.
    const unreadable = await run('judge', '--service', 'trained', '-q', 'What is 17 + 25?', '-r', '42', '-r', '32');
    expect(unreadable).toMatchObject({ code: 4, errors: expect.stringContaining('None of the 2 judgements drawn could be read') });

    const measured = await outputOf('bench', '--service', 'scripted', '--items', 'pairs.jsonl', '--methods', 'greedy,vote@4,meta@4', '--json');
    expect(JSON.parse(measured)).toMatchObject({
      items: pairs.length,
      methods: { greedy: { items: pairs.length, withoutVerdict: 0 }, 'vote@4': { items: pairs.length, parsed: 1 }, 'meta@4': { items: pairs.length, parsed: 1 } },
    });

    const sampler = before.processes.find(({ name }) => name === 'scripted-sampler-0')?.identity?.pid ?? 0;
    expect(sampler).toBeGreaterThan(0);
    process.kill(sampler, 'SIGKILL');
    await waitUntil(async () => (await status()).processes.some(({ name, state, identity }) => name === 'scripted-sampler-0' && state === 'ready' && identity?.pid !== sampler), {
      what: 'a new sampler in the place of the killed one',
      withinMs: 60_000,
    });
    const again = parsePayload(Verdict, await outputOf(...question), 'Verdict');
    expect(again.scores).toEqual(verdict.scores);

    const pids = (await status()).processes.flatMap(({ identity }) => identity?.pid ?? []);
    expect(pids.length).toBeGreaterThan(5);
    await outputOf('local', 'down');
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect((await run(...question)).code).toBe(3);
  });

  it('leaves no process behind when what keeps them is killed', async () => {
    await outputOf('local', 'up', '-f', 'manifests', '--nats-port', '0', '--timeout', '90s');
    const { processes } = await status();
    const pidsOf = (nats: boolean) => processes.flatMap(({ name, identity }) => ((name === 'nats') === nats ? (identity?.pid ?? []) : []));
    const supervisor: unknown = JSON.parse(await readFile(join(folder.path, '.grm/local/supervisor.json'), 'utf8'));
    expect(supervisor).toEqual({ pid: expect.any(Number), started: expect.any(String) });
    process.kill(Number(Object(supervisor).pid), 'SIGKILL');
    const services = pidsOf(false);
    expect(services.length).toBeGreaterThan(4);
    await waitUntil(() => !services.some(runs), { what: 'the services to end by themselves', withinMs: 60_000 });
    await outputOf('local', 'down');
    // Orphans are taken over by another process, which may take its time to note their end.
    await waitUntil(() => !pidsOf(true).some(runs), { what: 'the end of the NATS server', withinMs: 10_000 });
  });
});
