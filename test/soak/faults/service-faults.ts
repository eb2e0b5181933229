import type { Ground } from '../ground/ground.ts';
import { endProcess } from './end-process.ts';
import type { FaultKind } from './fault.ts';
import { fillQueue, type FillQueueOptions } from './fill-queue.ts';
import { pauseSampler } from './pause-sampler.ts';
import { scaleSamplers } from './scale-samplers.ts';

/** What may befall a service wherever it runs. */
export function serviceFaults(ground: Ground, burst: FillQueueOptions): FaultKind[] {
  const late = ['overloaded', 'deadline-exceeded'] as const;
  const away = [...late, 'model-unavailable'] as const;
  return [
    endProcess(ground, { name: 'kill-sampler', component: 'sampler', signal: 'SIGKILL', explains: late }),
    endProcess(ground, { name: 'kill-meta-rm', component: 'meta-rm', signal: 'SIGKILL', explains: late }),
    endProcess(ground, { name: 'kill-voter', component: 'voter', signal: 'SIGKILL', explains: away }),
    endProcess(ground, { name: 'kill-nats', component: 'nats', signal: 'SIGKILL', explains: away }),
    endProcess(ground, { name: 'drain-sampler', component: 'sampler', signal: 'SIGTERM', explains: late }),
    endProcess(ground, { name: 'drain-voter', component: 'voter', signal: 'SIGTERM', explains: away }),
    pauseSampler(ground),
    scaleSamplers(ground),
    fillQueue(ground, burst),
  ];
}
