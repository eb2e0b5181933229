export { drawSamples, type DrawnTask, type DrawOptions } from './draw-samples.ts';
export { writeAnswers, type WrittenTask } from './write-answers.ts';
export type { SamplerEngine } from './sampler-engine.ts';
export { SamplerModule } from './sampler.module.ts';
