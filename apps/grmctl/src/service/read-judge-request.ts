import { GrmError, JudgeRequest, parsePayload } from '@grm/protocol';
import { z } from 'zod';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { readInput } from './read-input.ts';

/** What a preference item holds besides a request. */
const itemFields = z.looseObject({ category: z.unknown(), best: z.exactOptional(z.number().int().nullable()), label: z.unknown() }).partial();

export interface JudgedFile {
  readonly request: JudgeRequest;
  /** Index of the best response, where the file is a preference item that says so. */
  readonly best?: number;
}

/**
 * Reads a request from a file, or from standard input for `-`: a JudgeRequest, or a preference item whose answer is
 * kept apart.
 *
 * @throws {CommandError} `usage` that names the file and the fields that are wrong.
 */
export async function readJudgeRequest(path: string, terminal: Terminal): Promise<JudgedFile> {
  const { name, content } = await readInput(path, terminal);
  try {
    const value = parsePayload(z.looseObject({}), content, name);
    const { category: _category, best, label: _label, ...rest } = itemFields.parse(value);
    const request = parsePayload(JudgeRequest, JSON.stringify(best === undefined ? value : rest), name);
    return { request, ...(best === undefined || best === null ? {} : { best }) };
  } catch (error) {
    if (!GrmError.isInstance(error)) throw error;
    throw new CommandError('usage', error.message, { cause: error });
  }
}
