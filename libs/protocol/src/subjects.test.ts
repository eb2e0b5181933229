import { describe, expect, it } from 'vitest';
import { runProgress, runSubjects, subjects } from './subjects.ts';

describe('subjects of a service', () => {
  it('are spelled from the namespace and the name', () => {
    const names = subjects({ namespace: 'default', service: 'nano' });
    expect(names.judge).toBe('grm.v1.default.nano.judge');
    expect(names.answer).toBe('grm.v1.default.nano.answer');
    expect(names.work).toEqual({
      stream: 'GRM-WORK-default-nano',
      all: 'grm.work.default.nano.>',
      mine: 'grm.work.default.nano.>',
      sample: 'grm.work.default.nano.sample',
      write: 'grm.work.default.nano.write',
      meta: 'grm.work.default.nano.meta',
    });
    expect(names.cancel).toBe('grm.cancel.default.nano');
    expect(names.dead.subject).toBe('grm.dead.default.nano');
    expect(names.microService).toBe('grm-nano');
  });

  it('have a queue of their own for each revision of the model, in the one stream', () => {
    const names = subjects({ namespace: 'default', service: 'nano', revision: 'rabc' });
    expect(names.work).toMatchObject({ stream: 'GRM-WORK-default-nano', mine: 'grm.work.default.nano.rabc.>', sample: 'grm.work.default.nano.rabc.sample' });
    expect(names.consumers).toEqual({ sampler: 'sampler-rabc', metaRM: 'meta-rm-rabc' });
    expect(names.revision).toEqual({ judge: 'grm.v1.default.nano.revision.rabc.judge', answer: 'grm.v1.default.nano.revision.rabc.answer' });
    expect(names.gate).toEqual({ bucket: 'grm-gates', key: 'default.nano.rabc', all: 'default.nano.*' });
    expect(names.judge).toBe('grm.v1.default.nano.judge');
    expect(() => subjects({ namespace: 'default', service: 'nano', revision: 'a.b' })).toThrow('revision "a.b" is not a valid name');
  });

  it('never share a stream between two services, wherever their names hold dashes', () => {
    const streams = [
      ['a', 'b-c'],
      ['a-b', 'c'],
      ['a--b', 'c'],
      ['a', 'b--c'],
      ['a-b-c', 'd'],
    ].map(([namespace = '', service = '']) => subjects({ namespace, service }).work.stream);
    expect(new Set(streams).size).toBe(streams.length);
  });

  it.each(['', 'Upper', 'a.b', '*', '>', 'a b', '-a', 'a-', 'x'.repeat(64)])('refuse the name %j and say which one it is', (name) => {
    expect(() => subjects({ namespace: name, service: 'nano' })).toThrow(/^namespace ".*" is not a valid name/);
    expect(() => subjects({ namespace: 'default', service: name })).toThrow(/^service /);
    expect(() => runProgress({ namespace: 'default', run: name })).toThrow(/^run /);
    expect(() => runSubjects({ namespace: 'default', run: name })).toThrow(/^run /);
  });
});

describe('subjects of a run', () => {
  it('are apart from those of a service of the same name', () => {
    expect(runSubjects({ namespace: 'default', run: 'nano' })).toEqual({ suspend: 'grm.run.default.nano.suspend' });
    expect(subjects({ namespace: 'default', service: 'nano' }).judge).not.toMatch(/^grm\.run\./);
  });
});
