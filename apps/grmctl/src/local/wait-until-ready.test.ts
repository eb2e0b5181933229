import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeJsonFile } from '../files/json-file.ts';
import { type LocalFolder, localFolder } from './local-folder.ts';
import type { LocalState, ProcessStatus } from './local-state.ts';
import { NotReadyError, waitUntilReady } from './wait-until-ready.ts';

let folder: LocalFolder;
beforeAll(async () => {
  folder = localFolder(await mkdtemp(join(tmpdir(), 'grm-wait-')));
});
afterAll(() => rm(folder.root, { recursive: true, force: true }));

/** A service with one sampler that has ended and will be started again. */
function stateWith(sampler: Pick<ProcessStatus, 'restarts' | 'failedStarts'>, phase: 'Starting' | 'Ready'): LocalState {
  const key = 'GRMInferenceService/default/nano';
  return {
    version: 1,
    generation: 1,
    nats: { url: 'nats://127.0.0.1:4222', managed: false },
    resources: [{ key, kind: 'GRMInferenceService', namespace: 'default', name: 'nano', phase }],
    processes: [{ name: 'nano-sampler-0', owner: key, state: phase === 'Ready' ? 'ready' : 'backing-off', graceMs: 1000, log: folder.log('nano-sampler-0'), ...sampler }],
  };
}

const wait = (looked: (state: LocalState) => void | Promise<void>) =>
  waitUntilReady({ folder, generation: 1, timeoutMs: 20_000, signal: AbortSignal.timeout(20_000), supervised: () => Promise.resolve(true), progress: looked });

describe('waiting for a process that ended', () => {
  it('goes on where it has been ready, however often it was started in its life', async () => {
    await writeJsonFile(folder.state, stateWith({ restarts: 7, failedStarts: 0 }, 'Starting'));
    const state = await wait(({ resources: [resource] }) => (resource?.phase === 'Starting' ? writeJsonFile(folder.state, stateWith({ restarts: 8, failedStarts: 0 }, 'Ready')) : undefined));
    expect(state.resources[0]?.phase).toBe('Ready');
  });

  it('is given up where three starts in a row have failed', async () => {
    await writeJsonFile(folder.state, stateWith({ restarts: 2, failedStarts: 3 }, 'Starting'));
    await expect(wait(() => undefined)).rejects.toThrow(NotReadyError);
  });
});
