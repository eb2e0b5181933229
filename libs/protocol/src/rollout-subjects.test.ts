import { describe, expect, it } from 'vitest';
import { rolloutSubjects } from './rollout-subjects.ts';
import { subjects } from './subjects.ts';

const everyName = (value: unknown): string[] => (typeof value === 'string' ? [value] : Object.values(Object(value)).flatMap(everyName));

describe('subjects of a run', () => {
  it('are spelled from the namespace and the name', () => {
    expect(rolloutSubjects({ namespace: 'default', run: 'nano' })).toMatchObject({
      task: 'grm.rollout.default.nano.task',
      stream: 'GRM-ROLLOUT-default-nano',
      cancel: 'grm.rollout.default.nano.cancel',
      policies: { bucket: 'grm-policy-default-nano' },
    });
  });

  it('are none of a service that has the same name', () => {
    const ofService = new Set(everyName(subjects({ namespace: 'default', service: 'nano' })).filter((name) => /^grm/i.test(name)));
    const ofRun = everyName(rolloutSubjects({ namespace: 'default', run: 'nano' })).filter((name) => /^grm/i.test(name));
    expect(ofRun).toHaveLength(7);
    expect(ofRun.filter((name) => ofService.has(name))).toEqual([]);
  });

  it('never share a stream between two runs, not even in a namespace called dead', () => {
    const streams = [
      ['a', 'b-c'],
      ['a-b', 'c'],
      ['dead', 'a-b-c'],
      ['a', 'b'],
    ].flatMap(([namespace = '', run = '']) => {
      const { stream, dead, policies } = rolloutSubjects({ namespace, run });
      return [stream, dead.stream, policies.bucket];
    });
    expect(new Set(streams).size).toBe(streams.length);
  });

  it.each(['', 'Upper', 'a.b', '*', '>', '-a'])('refuse the name %j and say which one it is', (name) => {
    expect(() => rolloutSubjects({ namespace: name, run: 'nano' })).toThrow(/^namespace /);
    expect(() => rolloutSubjects({ namespace: 'default', run: name })).toThrow(/^run /);
  });
});
