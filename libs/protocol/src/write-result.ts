import { z } from 'zod';
import { DrawnSample, SampleSuccess } from './sample-result.ts';
import { TaskFailure } from './task-failure.ts';

export const WrittenAnswer = DrawnSample.omit({ order: true });
export type WrittenAnswer = z.infer<typeof WrittenAnswer>;

export const WriteSuccess = SampleSuccess.omit({ samples: true }).extend({ answers: z.array(WrittenAnswer) });
export type WriteSuccess = z.infer<typeof WriteSuccess>;

/** Answer to a WriteTask; `'error' in result` tells the two apart. */
export const WriteResult = z.union([TaskFailure, WriteSuccess]);
export type WriteResult = z.infer<typeof WriteResult>;
