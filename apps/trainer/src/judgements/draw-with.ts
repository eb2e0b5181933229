import { join } from 'node:path';
import { loadCheckpoint } from '@grm/language-model';
import type { StageContext } from '../run/stage.ts';
import type { Rollouts } from '../rollouts/rollouts.ts';
import { drawAll } from './draw-all.ts';
import type { KeptDrawn } from './drawn-file.ts';
import type { AskedRequest } from './requests-of.ts';

export interface DrawWithOptions {
  readonly context: StageContext;
  readonly rollouts: Rollouts;
  /** Folder of the model that draws. */
  readonly model: string;
  /** In the stage's folder: keeps the answers. */
  readonly file: string;
  /** What the requests done so far are called among the stage's metrics. */
  readonly metric: string;
}

/** Has a saved model draw what it has not drawn before, and shows how far it is. Undefined where the run was stopped. */
export async function drawWith(requests: readonly AskedRequest[], { context, rollouts, model, file, metric }: DrawWithOptions): Promise<readonly KeptDrawn[] | undefined> {
  context.started(requests.length);
  const { revision, config, tensors, tokenizer, chatTemplate } = await loadCheckpoint(model);
  await rollouts.use({ config, tensors, tokenizer: tokenizer.json, ...(chatTemplate === undefined ? {} : { chatTemplate: chatTemplate.source }) });
  return await drawAll(requests, {
    rollouts,
    revision,
    file: join(context.folder, file),
    signal: context.stop,
    progress: (done, tokens) => {
      context.worked(tokens);
      context.advanced(done, requests.length, { [metric]: done });
    },
  });
}
