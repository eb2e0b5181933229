import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunProgress } from '@grm/protocol';
import { z } from 'zod';
import { NewestWriter } from './newest-writer.ts';
import type { ProgressSink } from './run-event.ts';

const fileName = 'progress.json';
const pauseMs = 1_000;

/** `run` says whose progress it is: `<namespace>/<name>`. */
const progressFile = z.strictObject({ run: z.string(), progress: RunProgress });

/**
 * What an earlier trainer of this run had come to, as its folder remembers. Undefined where there is none that can be read: a
 * run rests on its checkpoints and artefacts, and without this merely counts its hours from nothing.
 */
export async function readProgressFile(folder: string, run: string): Promise<RunProgress | undefined> {
  try {
    const file = progressFile.parse(JSON.parse(await readFile(join(folder, fileName), 'utf8')));
    return file.run === run ? file.progress : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Keeps the progress in the run's folder, for the trainer that goes on with it.
 * @param failed called once, where the file cannot be written
 */
export function progressFileSink(folder: string, run: string, failed: (error: unknown) => void): ProgressSink {
  const file = join(folder, fileName);
  let begun = false;
  let said = false;
  const writer = new NewestWriter<RunProgress>(
    async (progress) => {
      try {
        await writeFile(`${file}.partial`, `${JSON.stringify({ run, progress } satisfies z.input<typeof progressFile>)}\n`);
        await rename(`${file}.partial`, file);
      } catch (error) {
        if (!said) failed(error);
        said = true;
      }
    },
    { pauseMs },
  );
  return {
    accept: (event, progress) => {
      // A run that ends before a stage has begun may have been refused this folder; what lies there is then another's.
      begun ||= 'stage' in event;
      if (begun) writer.offer(progress);
    },
    refresh: (progress) => {
      if (begun) writer.offer(progress);
    },
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  };
}
