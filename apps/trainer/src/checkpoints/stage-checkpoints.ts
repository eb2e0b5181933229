import type { DecoderConfig, TrainingState } from '@grm/language-model';
import type { Notice } from '../progress/run-event.ts';
import { checkCheckpointModel } from './check-checkpoint-model.ts';
import { decodeCheckpoint, encodeCheckpoint, type CheckpointContent } from './checkpoint-content.ts';
import { formatCheckpointName, parseCheckpointName, type CheckpointName } from './checkpoint-name.ts';
import { CheckpointReadError } from './checkpoint-read-error.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { CheckpointWriteError } from './checkpoint-write-error.ts';
import { contentDigest } from './content-digest.ts';

/** The state of a stage between two steps. */
export interface StageCheckpoint {
  /** Steps done. */
  readonly step: number;
  /** Weights, optimiser moments and their step count. */
  readonly state: TrainingState;
  /** Everything else that the stage goes on from: JSON, read by the stage's own schema. Random streams are derived from the run's seed and the step, so they need no place of their own. */
  readonly cursor: unknown;
}

/** The checkpoints of one stage of one run. */
export interface StageCheckpoints {
  /** The newest that is whole. A damaged one is passed over, and that is said (a notice in the run's progress). */
  newest(): Promise<StageCheckpoint | undefined>;
  /**
   * Writes one and takes away those beyond the `keep` newest. A disk or store that is full does not end the stage: it is said,
   * the older ones stay, and the result is false.
   */
  save(checkpoint: StageCheckpoint): Promise<boolean>;
  /** Takes all of them away, once the stage's result is in its place. What cannot be taken away is said, and stays. */
  clear(): Promise<void>;
}

export interface StageCheckpointsOptions {
  readonly store: CheckpointStore;
  /** Other stages' checkpoints in the same store are left alone. */
  readonly stage: string;
  /** Newest ones kept, at least 1. */
  readonly keep: number;
  readonly notice: (notice: Notice) => void;
  readonly saved: (saved: { readonly stage: string; readonly step: number; readonly uri: string; readonly digest: string }) => void;
  /** Called with the digest of a checkpoint that the stage goes on from: it was read, and its content is what was written. */
  readonly verified?: (digest: string) => void;
  /** Digest of what the run trains; checkpoints of another run are not gone on from. */
  readonly runDigest: string;
  /** The model that the stage starts from, whatever its head; absent where the stage makes its own. */
  readonly model?: DecoderConfig | undefined;
}

/**
 * The checkpoints of a stage in a store. A stage that goes back to an earlier step leaves what came after it behind: with the
 * next checkpoint saved, those of later steps go away.
 */
export function stageCheckpoints(options: StageCheckpointsOptions): StageCheckpoints {
  const { store, stage, keep, notice, saved, verified, runDigest, model } = options;

  const warn = (reason: string, message: string): void => notice({ type: 'Warning', reason, message });

  /** Names of this stage's checkpoints, newest first. */
  const ownNames = async (): Promise<Named[]> => {
    const names = (await store.list()).map((name) => ({ name, ...parseCheckpointName(name) }));
    return names.filter((named): named is Named => named.stage === stage).toSorted((a, b) => b.step - a.step || (a.name < b.name ? -1 : 1));
  };

  const open = async (named: Named): Promise<StageCheckpoint | Fault> => {
    const content = await store.read(named.name);
    if (content === undefined) return damaged(named, 'is not there whole');
    if (contentDigest(content) !== named.digest) return damaged(named, `is damaged: its ${content.length} bytes do not have the SHA-256 of its name`);
    let decoded: CheckpointContent;
    try {
      decoded = decodeCheckpoint(content, named.name);
    } catch (error) {
      return damaged(named, `cannot be read: ${error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error)}`);
    }
    if (decoded.stage !== stage || decoded.checkpoint.step !== named.step)
      return damaged(named, `holds ${decoded.stage} at step ${decoded.checkpoint.step}, which is not what its name says`);
    if (decoded.run !== runDigest) return { reason: 'CheckpointOfAnotherRun', message: `checkpoint ${named.name} is of a run with another spec, and goes away as this one saves its own` };
    return decoded.checkpoint;
  };

  /** Takes away what is beyond the `keep` newest up to this one, and what an abandoned course has left beyond it. */
  const prune = async (newest: CheckpointName): Promise<void> => {
    const own = await ownNames();
    const course = own.filter(({ step, digest }) => step < newest.step || (step === newest.step && digest === newest.digest));
    const kept = new Set(course.slice(0, Math.max(1, keep)).map(({ name }) => name));
    for (const { name } of own) if (!kept.has(name)) await store.remove(name);
  };

  /** What cannot be taken away only takes up room: no reason to end a stage. */
  const removing = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof CheckpointWriteError || error instanceof CheckpointReadError)) throw error;
      warn('CheckpointNotRemoved', `checkpoints that are no longer needed could not be taken away: ${error.message}`);
    }
  };

  return {
    async newest() {
      const faults: Fault[] = [];
      for (const named of await ownNames()) {
        const found = await open(named);
        if ('reason' in found) {
          faults.push(found);
          continue;
        }
        for (const { reason, message } of faults) warn(reason, `${message}; ${named.name} of step ${named.step} is used instead`);
        if (model !== undefined) checkCheckpointModel(named.name, found.state, model);
        verified?.(`sha256:${named.digest}`);
        return found;
      }
      for (const { reason, message } of faults) warn(reason, `${message}; there is no other, the stage starts from its beginning`);
      return undefined;
    },

    async save(checkpoint) {
      const content = encodeCheckpoint({ stage, run: runDigest, checkpoint });
      const named = { stage, step: checkpoint.step, digest: contentDigest(content) };
      try {
        const uri = await store.write(formatCheckpointName(named), content);
        saved({ stage, step: named.step, uri, digest: `sha256:${named.digest}` });
      } catch (error) {
        if (!(error instanceof CheckpointWriteError)) throw error;
        warn('CheckpointNotWritten', `step ${named.step} was not saved, the stage goes on with the checkpoints before it: ${error.message}`);
        return false;
      }
      await removing(() => prune(named));
      return true;
    },

    async clear() {
      await removing(async () => {
        for (const { name } of await ownNames()) await store.remove(name);
      });
    },
  };
}

type Named = CheckpointName & { readonly name: string };

/** Why a checkpoint is passed over. */
interface Fault {
  readonly reason: 'CheckpointDamaged' | 'CheckpointOfAnotherRun';
  readonly message: string;
}

const damaged = ({ name }: Named, problem: string): Fault => ({ reason: 'CheckpointDamaged', message: `checkpoint ${name} ${problem}` });
