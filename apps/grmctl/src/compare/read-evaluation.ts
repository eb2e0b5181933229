import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { evaluationFiles, EvaluationItem, EvaluationReport } from '@grm/protocol';
import { z } from 'zod';
import { CommandError } from '../command-error.ts';
import { localFolder } from '../local/local-folder.ts';

/** What a run's evaluation found. */
export interface RunEvaluation {
  /** As it is called in tables. */
  readonly name: string;
  readonly report: EvaluationReport;
  readonly items: readonly EvaluationItem[];
}

export interface RunPlaces {
  /** The folder that words are relative to. */
  readonly folder: string;
  /** Of the local runtime. */
  readonly localFolder: string;
  readonly namespace: string;
}

/**
 * Reads the evaluation of a run: named by a run under the local folder, a run's folder, a folder that an evaluation was written
 * to, or an `evaluation.json`.
 * @throws {CommandError} `usage`: there is none, or one of another version
 */
export async function readEvaluation(word: string, places: RunPlaces): Promise<RunEvaluation> {
  const named = resolve(places.folder, word);
  const inRuns = localFolder(resolve(places.folder, places.localFolder)).runFolder({ namespace: places.namespace, name: word });
  const looked = [
    ...(basename(named) === evaluationFiles.report ? [dirname(named)] : []),
    join(named, 'evaluation'),
    named,
    ...(/[/\\]/u.test(word) ? [] : [join(inRuns, 'evaluation')]),
  ];
  for (const folder of looked) {
    if (await isFile(join(folder, evaluationFiles.report))) return { name: nameOf(word), ...(await read(folder)) };
  }
  throw new CommandError('usage', `${word}: no evaluation there; looked for ${evaluationFiles.report} in ${looked.join(', ')}. A run writes one in its stage evaluation.`);
}

/** `runs/base/evaluation/evaluation.json` is `base`. */
function nameOf(word: string): string {
  const parts = word.split(/[/\\]/u).filter((part) => part !== '' && part !== evaluationFiles.report);
  return parts.findLast((part, index) => part !== 'evaluation' || index === 0) ?? word;
}

const isFile = (path: string): Promise<boolean> => stat(path).then((found) => found.isFile(), () => false);

async function read(folder: string): Promise<Omit<RunEvaluation, 'name'>> {
  const [reportFile, itemsFile] = [join(folder, evaluationFiles.report), join(folder, evaluationFiles.items)];
  const [report, items] = await Promise.all([readFile(reportFile, 'utf8'), readFile(itemsFile, 'utf8')]).catch((cause: unknown) => {
    throw new CommandError('usage', cause instanceof Error ? cause.message : String(cause), { cause });
  });
  return {
    report: parsed(EvaluationReport, report, reportFile),
    items: items.split('\n').flatMap((line, index) => (line === '' ? [] : [parsed(EvaluationItem, line, `${itemsFile}:${index + 1}`)])),
  };
}

function parsed<Value>(schema: z.ZodType<Value>, text: string, where: string): Value {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CommandError('usage', `${where} is not JSON`, { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new CommandError('usage', `${where} is no evaluation that this version reads: ${z.prettifyError(result.error)}`, { cause: result.error });
}
