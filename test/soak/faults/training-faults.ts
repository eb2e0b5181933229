import type { DisturbedRun } from '../training/disturbed-run.ts';
import type { FaultKind } from './fault.ts';

/** What may befall a training run. Judging goes on meanwhile, so none explains an error. */
export function trainingFaults(run: DisturbedRun): FaultKind[] {
  return [killTrainer(run), suspendRun(run)];
}

function killTrainer(run: DisturbedRun): FaultKind {
  return {
    name: 'kill-trainer',
    about: 'SIGKILL to the trainer',
    explains: [],
    prepare: () => {
      let killed = '';
      return {
        strike: async () => {
          const trainer = await run.trainer();
          if (trainer === undefined) return undefined;
          killed = trainer.life;
          process.kill(trainer.pid, 'SIGKILL');
          return `trainer ${trainer.pid}`;
        },
        healed: async () => {
          const trainer = await run.trainer();
          return (trainer !== undefined && trainer.life !== killed) || (await run.phase()) === 'Complete';
        },
      };
    },
  };
}

function suspendRun(run: DisturbedRun): FaultKind {
  return {
    name: 'suspend-run',
    about: 'the run is suspended, and applied again',
    explains: [],
    prepare: () => ({
      strike: async () => {
        if ((await run.trainer()) === undefined) return undefined;
        const where = await run.suspend();
        if (where !== undefined) await run.goOn();
        return where;
      },
      healed: async () => (await run.trainer()) !== undefined || (await run.phase()) === 'Complete',
    }),
  };
}
