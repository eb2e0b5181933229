import { describe, expect, it } from 'vitest';
import { artifactKey, formatModelAddress, isModelAddress, parseModelAddress } from './model-address.ts';

const revision = `sha256:${'0a'.repeat(32)}`;

describe("a model's address", () => {
  it.each([
    ['nats://grm-models/nano', { bucket: 'grm-models', key: 'nano' }],
    ['nats://grm-models/team-a.nano/policy', { bucket: 'grm-models', key: 'team-a.nano/policy' }],
    [`nats://m/k#${revision}`, { bucket: 'm', key: 'k', revision }],
  ])('%s is read and written', (text, address) => {
    expect(isModelAddress(text)).toBe(true);
    expect(parseModelAddress(text)).toEqual(address);
    expect(formatModelAddress(address)).toBe(text);
  });

  it.each(['nats://', 'nats://bucket', 'nats://bucket/', 'nats://a.b/key', 'nats://bucket/../key', 'nats://bucket/a//b', 'nats://bucket/key#latest', 'nats://bucket/key with space', 'http://bucket/key', '/models/nano'])(
    'is not %s',
    (text) => expect(() => parseModelAddress(text)).toThrow('is no model\'s address: expected nats://BUCKET/KEY'),
  );

  it('of what a run publishes has the run and the artefact in it', () => {
    expect(artifactKey({ namespace: 'team-a', run: 'nano' }, 'metaRM')).toBe('team-a.nano/metaRM');
    expect(isModelAddress('/models/nano')).toBe(false);
  });
});
