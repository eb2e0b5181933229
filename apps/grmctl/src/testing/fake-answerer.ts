import { type Answer, AnswerRequest, type AnswerRound, subjects } from '@grm/protocol';
import { connect } from '@nats-io/transport-node';
import { verdictOf } from './fake-voter.ts';

/** Answers for a service with the same two rounds each time: 32 and 43, then 43 and 42, which is accepted. */
export async function startFakeAnswerer(server: string, address: { namespace: string; service: string }) {
  const connection = await connect({ servers: server });
  const requests: AnswerRequest[] = [];
  connection.subscribe(subjects(address).answer, {
    callback: (_, message) => {
      const request = AnswerRequest.parse(message.json());
      requests.push(request);
      message.respond(JSON.stringify(answerFor(request)));
    },
  });
  await connection.flush();
  return { requests, [Symbol.asyncDispose]: () => connection.close() };
}

function answerFor(request: AnswerRequest): Answer {
  const { conversation, sampling, detail } = request;
  const round = (candidates: string[], scores: number[]): Omit<AnswerRound, 'dropped' | 'written'> => {
    const { id: _, ...verdict } = verdictOf({ conversation, responses: candidates, ...(sampling && { sampling }), ...(detail && { detail }) }, scores);
    return { candidates, verdict };
  };
  return {
    id: request.id ?? 'one',
    answer: 'It is 42.\n\u001B[31mReally.',
    accepted: true,
    score: 9,
    round: 1,
    ended: 'accepted',
    rounds: [
      { ...round(['32', '43'], [3, 5]), written: request.responses === undefined ? 2 : 1, dropped: [0, 1], critique: 'says 43, want 42:\u001B[31m wrong.' },
      { ...round(['43', 'It is 42.\nReally.', '42'], [4, 9, 8]), written: 2, dropped: [0] },
    ],
    model: { name: 'fake', revision: 'sha256:0' },
    usage: { promptTokens: 10, completionTokens: 20 },
    timings: { queueMs: 0, writingMs: 1, samplingMs: 1, metaMs: 0, totalMs: 2 },
  };
}
