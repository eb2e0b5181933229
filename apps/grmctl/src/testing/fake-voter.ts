import { type ErrorCode, errorCodes, headerNames, JudgeRequest, type ServiceAddress, subjects, type Verdict } from '@grm/protocol';
import { connect, headers as createHeaders } from '@nats-io/transport-node';

/** What the stand-in for a service does with a request: scores in the callers' order, or an error's code. */
export type FakeJudge = (request: JudgeRequest) => readonly number[] | ErrorCode;

/** Answers for a service, or for one revision of it alone, with a verdict from the scores that `judge` gives. */
export async function startFakeVoter(server: string, address: ServiceAddress, judge: FakeJudge) {
  const connection = await connect({ servers: server });
  const requests: JudgeRequest[] = [];
  const names = subjects(address);
  connection.subscribe((names.revision ?? names).judge, {
    callback: (_, message) => {
      const request = JudgeRequest.parse(message.json());
      requests.push(request);
      const scores = judge(request);
      if (typeof scores !== 'string') {
        message.respond(JSON.stringify(verdictOf(request, scores)));
        return;
      }
      const headers = createHeaders();
      headers.set(headerNames.serviceError, scores);
      headers.set(headerNames.serviceErrorCode, String(errorCodes[scores].status));
      message.respond(JSON.stringify({ code: scores, message: `it is ${scores}` }), { headers });
    },
  });
  await connection.flush();
  return { requests, [Symbol.asyncDispose]: () => connection.close() };
}

export function verdictOf(request: JudgeRequest, scores: readonly number[]): Verdict {
  const asked = request.sampling?.samples ?? 8;
  const ranking = scores.map((_, index) => index).toSorted((one, other) => (scores[other] ?? 0) - (scores[one] ?? 0));
  const judgement = { criteria: [{ name: 'accuracy', weight: 6 }], analysis: 'It is \u001B[31mright.', scores: [...scores], metaScore: 0.9, kept: true, seed: 7 };
  return {
    id: request.id ?? 'one',
    scores: scores.map((score) => score * asked),
    meanScores: [...scores],
    best: ranking[0] ?? 0,
    ranking,
    margin: 3,
    agreement: 0.75,
    samples: { asked, drawn: asked, parsed: asked, kept: asked },
    ...(request.detail === 'judgements' ? { judgements: Array.from({ length: asked }, () => judgement) } : {}),
    model: { name: 'fake', revision: 'sha256:0' },
    usage: { promptTokens: 10, completionTokens: 20 },
    timings: { queueMs: 0, samplingMs: 1, metaMs: 0, totalMs: 1 },
  };
}
