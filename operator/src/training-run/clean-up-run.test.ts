import { expect, it } from 'vitest';
import { cleanUpRun } from './clean-up-run.ts';
import { at } from './testing/facts.fixture.ts';
import { ScriptedNats } from './testing/scripted-nats.fixture.ts';

const run = { namespace: 'team', run: 'nano' };
const { signal } = new AbortController();

it('tries again what failed, and nothing else, until NATS is back', async () => {
  const nats = new ScriptedNats(() => at(0));
  let tries = 0;
  const progressLater = async (): Promise<void> => {
    tries += 1;
    if (tries < 2) throw new Error('NATS is away');
    await nats.removeProgress();
  };
  const { removeRolloutTopology, removeCheckpoints } = nats;
  await cleanUpRun({ nats: { removeRolloutTopology, removeCheckpoints, removeProgress: progressLater }, run, bucket: 'b', signal });
  expect(nats.done).toEqual(['remove rollouts', 'remove checkpoints', 'remove progress']);
});

it('gives up in time, and says what is left and why', async () => {
  const nats = new ScriptedNats(() => at(0));
  nats.up = false;
  await expect(cleanUpRun({ nats, run, bucket: 'grm-checkpoints', signal, seconds: 0 })).rejects.toThrow(
    /^the queue of its samplers, its checkpoints in bucket grm-checkpoints, its progress \(.*NATS is away/,
  );
});

it('removes no checkpoints where they lie in the volume of the run, which goes with it', async () => {
  const nats = new ScriptedNats(() => at(0));
  await cleanUpRun({ nats, run, bucket: undefined, signal });
  expect(nats.done).toEqual(['remove rollouts', 'remove progress']);
});
