import { AnswerRequest, JudgeRequest } from '@grm/protocol';
import type { Configuration, ServiceDescription, ServiceRoute } from '@grm/service-kit';

/** What this process offers as a NATS micro service (ADR-32). */
export function serviceDescription({ subjects, limits, candidate }: Configuration): ServiceDescription {
  return {
    name: subjects.microService,
    version: '0.1.0',
    description: 'Judges responses: scores, ranking, margin, agreement; and answers by its own judgement',
    queueGroup: subjects.queueGroup,
    routes: [...(candidate ? [] : routes(subjects, limits.maxPending)), ...(subjects.revision === undefined ? [] : routes(subjects.revision, limits.maxPending, '-revision'))],
  };
}

function routes({ judge, answer }: { readonly judge: string; readonly answer: string }, maxInFlight: number, suffix = ''): ServiceRoute[] {
  return [
    { pattern: 'judge', endpoint: `judge${suffix}`, subject: judge, schema: JudgeRequest, payloadName: 'JudgeRequest', maxInFlight },
    { pattern: 'answer', endpoint: `answer${suffix}`, subject: answer, schema: AnswerRequest, payloadName: 'AnswerRequest', maxInFlight },
  ];
}
