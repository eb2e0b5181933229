import { createHash } from 'node:crypto';
import type { Drawn } from '@grm/judging';
import { z } from 'zod';
import { AnswersFile } from '../files/answers-file.ts';
import type { AskedRequest } from './requests-of.ts';

const kept = z.strictObject({
  judgements: z.array(z.array(z.strictObject({ index: z.int(), seed: z.int(), order: z.array(z.int()), text: z.string(), tokens: z.int() }))),
});

/** What of a request's answer is kept: the words of each judgement, and how many tokens they were. */
export type KeptDrawn = z.infer<typeof kept>;

export const keptOf = ({ judgements }: Drawn): KeptDrawn => ({
  judgements: judgements.map((of) => of.map(({ index, seed, order, text, tokens }) => ({ index, seed, order: [...order], text, tokens: tokens.length }))),
});

const requestsDigest = (requests: readonly AskedRequest[]): string =>
  createHash('sha256').update(JSON.stringify(requests.map(({ request }) => request))).digest('hex');

/**
 * The judgements that these requests have been answered with so far.
 * @param revision of the policy that draws; another policy's judgements are not taken for its
 */
export const openDrawnFile = (file: string, requests: readonly AskedRequest[], revision: string): Promise<AnswersFile<KeptDrawn>> =>
  AnswersFile.open(file, `${revision} ${requestsDigest(requests)}`, kept);

/** To look into what a stage before has drawn, by whichever policy it had. Undefined where there is no such file. */
export function readDrawnFile(file: string, requests: readonly AskedRequest[]): Promise<Pick<AnswersFile<KeptDrawn>, 'get'> | undefined> {
  const digest = requestsDigest(requests);
  return AnswersFile.read(file, (fingerprint) => fingerprint.endsWith(` ${digest}`), kept);
}
