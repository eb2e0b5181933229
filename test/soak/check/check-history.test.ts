import { errorCodes } from '@grm/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call, Heard, SoakHistory, StruckFault } from '../history.ts';
import { checkHistory } from './check-history.ts';

const options = { graceMs: 1_000, backlogMs: 500 };
const retryable = ['overloaded', 'model-unavailable', 'deadline-exceeded'] as const;

const verdict = (question: string) => ({ kind: 'verdict', substance: `verdict on ${question}`, revision: 'r1' }) as const;

interface Drawn {
  readonly question: number;
  readonly askedAt: number;
  readonly tookMs: number;
  readonly repeated: boolean;
  /** Ends in an error, where a fault explains it. */
  readonly unlucky: boolean;
}

const drawnCall: fc.Arbitrary<Drawn> = fc.record({
  question: fc.nat(20),
  askedAt: fc.nat(60_000),
  tookMs: fc.integer({ min: 1, max: 10_000 }),
  repeated: fc.boolean(),
  unlucky: fc.boolean(),
});

const drawnFault: fc.Arbitrary<StruckFault> = fc
  .record({ struckAt: fc.nat(60_000), lastsMs: fc.nat(10_000), explains: fc.subarray([...retryable]) })
  .map(({ struckAt, lastsMs, explains }) => ({ name: 'fault', target: 'something', struckAt, healedAt: struckAt + lastsMs, explains }));

/** A soak in which every promise was kept. */
const keptPromises: fc.Arbitrary<SoakHistory> = fc
  .record({ drawn: fc.array(drawnCall, { minLength: 2, maxLength: 30 }), faults: fc.array(drawnFault, { maxLength: 5 }) })
  .map(({ drawn, faults }) => {
    const calls: Call[] = [];
    const heard: Heard[] = [];
    drawn.forEach(({ question, askedAt, tookMs, repeated, unlucky }, index) => {
      const request = `request-${index}`;
      const at = askedAt + tookMs;
      const around = faults.find((fault) => fault.explains.length > 0 && fault.struckAt <= at && (fault.healedAt ?? 0) + options.backlogMs >= askedAt);
      const [code] = around?.explains ?? [];
      const outcome = unlucky && code !== undefined ? ({ kind: 'error', code, message: 'later' } as const) : verdict(`q${question}`);
      const call: Call = { request, question: `q${question}`, purpose: 'load', askedAt, deadline: askedAt + 20_000, end: { at, outcome } };
      calls.push(call);
      heard.push({ kind: 'asked', at: askedAt, request }, { kind: 'answered', at, request, outcome });
      if (repeated) calls.push({ ...call, purpose: 'repeat', end: { at: at + 1, outcome } });
    });
    return { durationMs: 80_000, calls, heard, deaf: [], faults, closing: { queues: [{ name: 'work', tasks: 0 }], deadLetters: [{ sequence: 1, missing: [], reason: 'poison' }] } };
  });

/** What goes wrong, the rule that must say so, and for which request. */
interface Broken {
  readonly history: SoakHistory;
  readonly rule: string;
  readonly request?: string;
}

/** Breaks one promise in a history that keeps all of them. */
const breaking: Readonly<Record<string, (history: SoakHistory, place: number) => Broken>> = {
  'a request that never ends': (history, place) => {
    const { end: _, ...lost } = callAt(history, place);
    return { history: withCall(history, place, lost), rule: 'every-call-ends', request: lost.request };
  },
  'an answer after the deadline': (history, place) => {
    const call = callAt(history, place);
    const outcome = call.end?.outcome ?? verdict(call.question);
    return { history: withCall(history, place, { ...call, end: { at: call.deadline + options.graceMs + 1, outcome } }), rule: 'every-call-ends', request: call.request };
  },
  'an error that is in no table': (history, place) => withError(history, place, 'gremlins'),
  'an error that nothing explains': (history, place) => withError({ ...history, faults: [] }, place, 'overloaded'),
  'an error that no fault can explain': (history, place) => withError(history, place, 'internal'),
  'two verdicts on one id': (history, place) => {
    const call = callAt(history, place);
    const other = { ...verdict(call.question), substance: 'another verdict' };
    const first: Heard = { kind: 'answered', at: 1, request: call.request, outcome: verdict(call.question) };
    return { history: { ...history, heard: [...history.heard, first, { ...first, outcome: other }] }, rule: 'one-verdict-an-id', request: call.request };
  },
  'another verdict on the same question': (history, place) => {
    const call = callAt(history, place);
    const first: Call = { ...call, request: 'first', end: { at: call.askedAt + 1, outcome: verdict(call.question) } };
    const second: Call = { ...call, request: 'second', end: { at: call.askedAt + 1, outcome: { ...verdict(call.question), substance: 'another verdict' } } };
    return { history: { ...history, calls: [...history.calls, first, second] }, rule: 'same-verdict', request: 'second' };
  },
  'a question that is judged once and is beyond judging once': (history, place) => {
    const call = callAt(history, place);
    const first: Call = { ...call, request: 'first', end: { at: call.askedAt + 1, outcome: verdict(call.question) } };
    const second: Call = { ...call, request: 'second', end: { at: call.askedAt + 1, outcome: { kind: 'error', code: 'no-valid-sample', message: 'none' } } };
    return { history: { ...history, calls: [...history.calls, first, second] }, rule: 'same-verdict', request: 'second' };
  },
  'an answer too many': (history, place) => {
    const call = callAt(history, place);
    const answered = history.heard.filter((one) => one.request === call.request && one.kind === 'answered');
    return { history: { ...history, heard: [...history.heard, ...answered] }, rule: 'one-answer-an-attempt', request: call.request };
  },
  'an answer to nobody': (history) => {
    const stray: Heard = { kind: 'answered', at: 5, request: 'nobody', outcome: verdict('q1') };
    return { history: { ...history, heard: [...history.heard, stray] }, rule: 'one-answer-an-attempt', request: 'nobody' };
  },
  'a fault that does not heal': (history) => ({ history: { ...history, faults: [...history.faults, { name: 'kill', target: 'x', struckAt: 1, explains: [...retryable] }] }, rule: 'all-heals' }),
  'a task that is left': (history) => ({ history: { ...history, closing: { ...history.closing, queues: [{ name: 'work', tasks: 1 }] } }, rule: 'nothing-left' }),
  'a dead letter from nowhere': (history) => ({
    history: { ...history, closing: { ...history.closing, deadLetters: [{ sequence: 1, missing: ['Grm-Dead-Subject'], reason: 'poison' }] } },
    rule: 'nothing-left',
  }),
};

function callAt({ calls }: SoakHistory, place: number): Call {
  const call = calls[place % calls.length];
  if (call === undefined) throw new RangeError('a history without calls');
  return call;
}

function withCall(history: SoakHistory, place: number, call: Call): SoakHistory {
  return { ...history, calls: history.calls.with(place % history.calls.length, call) };
}

function withError(history: SoakHistory, place: number, code: string): Broken {
  const call = callAt(history, place);
  const changed = withCall(history, place, { ...call, end: { at: call.askedAt + 1, outcome: { kind: 'error', code, message: 'no' } } });
  return { history: changed, rule: 'errors-are-explained', request: call.request };
}

describe('the checker of a soak', () => {
  it('finds nothing where every promise was kept', () => {
    fc.assert(fc.property(keptPromises, (history) => { expect(checkHistory(history, options)).toEqual([]); }), { seed: 1 });
  });

  it.each(Object.entries(breaking))('finds %s, wherever it is', (_what, broken) => {
    fc.assert(
      fc.property(keptPromises, fc.nat(100), (whole, place) => {
        const { history, rule, request } = broken(whole, place);
        expect(checkHistory(history, options)).toContainEqual(expect.objectContaining({ rule, ...(request === undefined ? {} : { request }) }));
      }),
      { seed: 2 },
    );
  });

  it('takes every error of the table for explained where a fault says so', () => {
    for (const code of Object.keys(errorCodes) as (keyof typeof errorCodes)[]) {
      const call: Call = { request: 'one', question: 'q', purpose: 'load', askedAt: 10, deadline: 100, end: { at: 20, outcome: { kind: 'error', code, message: '' } } };
      const faults = [{ name: 'fault', target: 'x', struckAt: 15, healedAt: 18, explains: [code] }];
      const history: SoakHistory = { durationMs: 100, calls: [call], heard: [], deaf: [], faults, closing: { queues: [], deadLetters: [] } };
      expect(checkHistory(history, options)).toEqual([]);
    }
  });

  it('holds no answer against a service that the onlooker could not hear the question of', () => {
    const call: Call = { request: 'one', question: 'q', purpose: 'load', askedAt: 10, deadline: 100, end: { at: 20, outcome: verdict('q') } };
    const heard: Heard[] = [{ kind: 'answered', at: 19, request: 'one', outcome: verdict('q') }];
    const history: SoakHistory = { durationMs: 100, calls: [call], heard, deaf: [{ from: 5, to: 12 }], faults: [], closing: { queues: [], deadLetters: [] } };
    expect(checkHistory(history, options)).toEqual([]);
    expect(checkHistory({ ...history, deaf: [] }, options)).toMatchObject([{ rule: 'one-answer-an-attempt' }]);
  });
});
