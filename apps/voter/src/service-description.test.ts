import { Configuration } from '@grm/service-kit';
import { describe, expect, it } from 'vitest';
import { serviceDescription } from './service-description.ts';

const subjectsOf = (environment: Record<string, string>) => serviceDescription(Configuration.parse({ GRM_NAMESPACE: 'team', GRM_SERVICE: 'judge', ...environment })).routes.map(({ subject }) => subject);

const serving = ['grm.v1.team.judge.judge', 'grm.v1.team.judge.answer'];
const measured = ['grm.v1.team.judge.revision.r1.judge', 'grm.v1.team.judge.revision.r1.answer'];

describe('a voter listens', () => {
  it.each([
    ["at its service's subjects where models have no revisions", {}, serving],
    ['at those of its revision as well, so that it can be compared with', { GRM_REVISION: 'r1' }, [...serving, ...measured]],
    ['at those of its revision alone while it is a candidate', { GRM_REVISION: 'r1', GRM_CANDIDATE: 'true' }, measured],
  ])('%s', (_, environment, subjects) => {
    expect(subjectsOf(environment)).toEqual(subjects);
  });

  it('nowhere as a candidate of no revision', () => {
    expect(() => subjectsOf({ GRM_CANDIDATE: 'true' })).toThrow('GRM_REVISION');
  });

  it('under endpoint names that differ, as NATS asks of a micro service', () => {
    const { routes } = serviceDescription(Configuration.parse({ GRM_SERVICE: 'judge', GRM_REVISION: 'r1' }));
    expect(new Set(routes.map(({ endpoint }) => endpoint)).size).toBe(routes.length);
  });
});
