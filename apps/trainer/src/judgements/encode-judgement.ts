import { encodePrompt, type Checkpoint, type TokenRow } from '@grm/language-model';
import { templateByName } from '@grm/spct';
import type { TrainingRunSpec } from '@grm/resources';
import { templateNameOf } from '../run/template-name.ts';
import { inputOf } from '../items/training-item.ts';
import type { Judgement } from './judgement.ts';

export type JudgementEncoding = Pick<Checkpoint, 'tokenizer' | 'chatTemplate' | 'config'>;
type PromptSpec = Pick<TrainingRunSpec, 'template' | 'principles' | 'referenceGuided'>;

/** A judgement's prompt without the hint, as token ids. */
export function promptTokens({ item, order }: Pick<Judgement, 'item' | 'order'>, spec: PromptSpec, encoding: JudgementEncoding): number[] {
  const template = templateByName(templateNameOf(spec.template));
  return encodePrompt(template.renderPrompt(inputOf(item, spec), order, { principles: spec.principles }), encoding);
}

/** A judgement to learn: its prompt without the hint is masked, its words and the end of text count. */
export function judgementRow(judgement: Judgement, spec: PromptSpec, encoding: JudgementEncoding): TokenRow {
  const prompt = promptTokens(judgement, spec, encoding);
  const end = encoding.config.eosTokenIds.slice(0, 1);
  const words = [...encoding.tokenizer.encode(judgement.text), ...end];
  return { tokens: [...prompt, ...words], weights: [...prompt.map(() => 0), ...words.map(() => 1)] };
}
