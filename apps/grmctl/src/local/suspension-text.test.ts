import type { RunProgress } from '@grm/protocol';
import { expect, it } from 'vitest';
import { suspensionText } from './suspension-text.ts';

const time = '2026-01-01T00:00:00Z';
const progress = (rft: 'Pending' | 'Running' | 'Complete', grpo: 'Pending' | 'Running' | 'Complete'): RunProgress => ({
  phase: 'Suspended',
  stages: [
    { name: 'rft', state: rft, step: 9, steps: 54 },
    { name: 'grpo', state: grpo, step: 9, steps: 15 },
  ],
  updatedAt: time,
});
const checkpoint = { stage: 'grpo', step: 7, time, uri: 'file:///run', digest: 'sha256:0', verified: false };

it.each<[string, RunProgress | undefined, string]>([
  ['the step of the checkpoint, not the step that was reached', { ...progress('Complete', 'Running'), checkpoint }, 'stopped at grpo step 7'],
  ['the stage, where it has no checkpoint', progress('Running', 'Pending'), 'stopped in rft'],
  ['the next stage, between two', progress('Complete', 'Pending'), 'stopped before grpo'],
  ['the end, after the last stage', progress('Complete', 'Complete'), 'stopped after its last stage'],
  ['nothing more, where nobody knows', undefined, 'stopped'],
])('a suspended run says where it goes on from: %s', (_, known, place) => {
  expect(suspensionText(known, false)).toBe(`${place}; apply it again to go on`);
  expect(suspensionText(known, true)).toBe(`${place}; apply it again without suspend to go on`);
});
