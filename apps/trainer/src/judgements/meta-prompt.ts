import type { TrainingRunSpec } from '@grm/resources';
import { templateByName, type Prompt } from '@grm/spct';
import { inputOf } from '../items/training-item.ts';
import { templateNameOf } from '../run/template-name.ts';
import type { Judgement } from './judgement.ts';

/** What the meta RM reads about a judgement. */
export const metaPrompt = (
  { item, order, text }: Pick<Judgement, 'item' | 'order' | 'text'>,
  spec: Pick<TrainingRunSpec, 'template' | 'principles' | 'referenceGuided'>,
): Prompt => templateByName(templateNameOf(spec.template)).renderMeta(inputOf(item, spec), order, text, { principles: spec.principles });
