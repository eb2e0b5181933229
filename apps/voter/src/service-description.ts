import { AnswerRequest, JudgeRequest } from '@grm/protocol';
import type { Configuration, ServiceDescription } from '@grm/service-kit';

/** What this process offers as a NATS micro service (ADR-32). */
export function serviceDescription({ subjects, limits }: Configuration): ServiceDescription {
  const maxInFlight = limits.maxPending;
  return {
    name: subjects.microService,
    version: '0.1.0',
    description: 'Judges responses: scores, ranking, margin, agreement; and answers by its own judgement',
    queueGroup: subjects.queueGroup,
    routes: [
      { pattern: 'judge', subject: subjects.judge, schema: JudgeRequest, payloadName: 'JudgeRequest', maxInFlight },
      { pattern: 'answer', subject: subjects.answer, schema: AnswerRequest, payloadName: 'AnswerRequest', maxInFlight },
    ],
  };
}
