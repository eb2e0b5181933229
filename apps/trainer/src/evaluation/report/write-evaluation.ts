import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluationFiles } from '@grm/protocol';
import { replaceFolder } from '../../artifacts/replace-folder.ts';
import type { Evaluation } from '../measures/evaluation.ts';
import { reportText } from './report-text.ts';
import { scalingSvg } from './scaling-svg.ts';

const curveFile = 'scaling.svg';

/**
 * Writes `evaluation.json`, `items.jsonl`, `report.md` and `scaling.svg` into a folder, in the place of what was there; the folder is there whole or
 * not at all.
 * @param command what to run to measure the same again
 */
export async function writeEvaluation(folder: string, { report, items }: Evaluation, { command }: { readonly command: string }): Promise<void> {
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const svg = scalingSvg(report);
  await writeFile(join(partial, evaluationFiles.report), `${JSON.stringify(report, undefined, 1)}\n`);
  await writeFile(join(partial, evaluationFiles.items), items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  await writeFile(join(partial, 'report.md'), reportText(report, { command, ...(svg === undefined ? {} : { curve: curveFile }) }));
  if (svg !== undefined) await writeFile(join(partial, curveFile), svg);
  await replaceFolder(partial, folder);
}
