import { join } from 'node:path';
import { RunProgress } from '@grm/protocol';
import { z } from 'zod';
import { readJsonFile } from '../files/json-file.ts';

/** What a trainer leaves in its run's folder, besides writing it to NATS: there is no server to ask where nothing runs. */
const progressFile = z.object({ progress: RunProgress });

/** How far the run of a folder is; undefined before its first stage, or where another version wrote it. */
export async function readRunProgressFile(runFolder: string): Promise<RunProgress | undefined> {
  return (await readJsonFile(join(runFolder, 'progress.json'), progressFile))?.progress;
}
