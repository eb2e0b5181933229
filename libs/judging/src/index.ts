export { drawJudgements, type Drawn, type DrawnJudgement, IncompleteDrawError } from './draw-judgements.ts';
export type { DrawRequest, ItemToJudge } from './draw-request.ts';
export { groupByOrder, type OrderGroup, type SeededSample } from './group-by-order.ts';
export { renderPrompts, type RenderedPrompt } from './render-prompts.ts';
