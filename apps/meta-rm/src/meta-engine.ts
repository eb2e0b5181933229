import type { Engine } from '@grm/engine';

/** What a meta RM asks of an engine. */
export type MetaEngine = Pick<Engine, 'info' | 'score' | 'server'> & AsyncDisposable;

/** Token of the engine that a process scores with. */
export const META_ENGINE = Symbol('grm.meta-engine');
