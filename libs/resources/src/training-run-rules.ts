import type { Rule } from './kubernetes-schema.ts';

/** What the schemas of a training run check across fields, once more as the API server checks it. */

export const oneLength: Rule = { rule: '!(has(self.epochs) && has(self.steps))', message: 'epochs and steps both say how long the stage lasts; remove one of them' };

const drawsNothing = 'self.samplesPerItem + self.hintedSamplesPerItem == 0 && !has(self.kept)';
export const rftLearnsSomething: Rule = { rule: `!(${drawsNothing}) || has(self.general)`, message: 'no judgement is drawn and no general data is named: there would be nothing to learn' };
export const rftGeneralHasAnEnd: Rule = { rule: `!(${drawsNothing}) || !has(self.general) || has(self.steps)`, message: 'without judgements nothing says how much general data to take; set steps' };

export const wholeGroups: Rule = { rule: 'self.batchSize % self.groupSize == 0', message: 'batchSize must be a multiple of groupSize: whole groups are learnt from' };

export const shapeRules: readonly Rule[] = [
  { rule: 'self.hiddenSize % (2 * self.heads) == 0', message: 'hiddenSize must be a multiple of twice the heads, because rotary embeddings turn pairs' },
  { rule: '!has(self.keyValueHeads) || self.heads % self.keyValueHeads == 0', message: 'keyValueHeads must divide heads' },
];

export const someStage: Rule = { rule: 'has(self.pretrain) || has(self.rft) || has(self.grpo) || has(self.metaRM) || has(self.evaluation)', message: 'at least one stage is needed: pretrain, rft, grpo, metaRM, evaluation' };

export const runRules: readonly Rule[] = [
  { rule: '!(has(self.base) && has(self.model))', message: 'model describes a model from scratch, so it cannot stand beside base; remove one of them' },
  { rule: 'has(self.base) || has(self.model)', message: 'either base (a model to start from) or model (the shape of one to train from scratch) is needed' },
  { rule: '!has(self.model) || has(self.stages.pretrain)', message: 'a model from scratch needs the stage pretrain' },
  { rule: '!(has(self.stages.rft) || has(self.stages.grpo) || has(self.stages.metaRM)) || size(self.data) > 0', message: 'the stages rft, grpo and metaRM need preference items; add e.g. {name: pairs, builtin: nanobench}' },
];
