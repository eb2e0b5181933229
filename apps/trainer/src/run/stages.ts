import { evaluationStage } from '../stages/evaluation/evaluation.stage.ts';
import { grpoStage } from '../stages/grpo/grpo.stage.ts';
import { metaRMStage } from '../stages/meta-rm/meta-rm.stage.ts';
import { pretrainStage } from '../stages/pretrain/pretrain.stage.ts';
import { rftStage } from '../stages/rft/rft.stage.ts';
import type { Stage } from './stage.ts';

/** Every stage in the order in which a run goes through them. */
export const stages: readonly Stage[] = [pretrainStage, rftStage, grpoStage, metaRMStage, evaluationStage];
