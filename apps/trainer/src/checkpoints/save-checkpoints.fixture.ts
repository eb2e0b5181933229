/** Saves checkpoints of 8 MiB to the folder of its first argument until it is killed, from the step of its second one on. */
import { folderCheckpointStore } from './folder-checkpoint-store.ts';
import { stageCheckpoints } from './stage-checkpoints.ts';

const [, , folder = '', first = ''] = process.argv;
const checkpoints = stageCheckpoints({
  store: folderCheckpointStore(folder),
  stage: 'pretrain',
  keep: 2,
  runDigest: 'run',
  notice: ({ message }) => {
    throw new Error(message);
  },
  saved: ({ step }) => process.stdout.write(`${step}\n`),
});

for (let step = Number(first); ; step++) {
  const data = new Float32Array(2 ** 21).fill(step);
  await checkpoints.save({ step, state: { step, tensors: new Map([['w', { shape: [data.length], data }]]) }, cursor: { step } });
}
