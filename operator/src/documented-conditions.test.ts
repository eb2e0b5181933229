import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { serviceReasons } from './inference-service/status/reasons.ts';
import { reasons } from './training-run/conditions/reasons.ts';

const page = readFileSync(new URL('../../docs/operator.md', import.meta.url), 'utf8');

it.each([...Object.entries(reasons), ...Object.entries(serviceReasons)])('docs/operator.md explains the condition %s and each of its reasons', (type, words) => {
  expect(page).toContain(`**${type}**`);
  expect(words.filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
});
