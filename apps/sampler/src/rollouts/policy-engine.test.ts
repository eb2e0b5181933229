import { createHash } from 'node:crypto';
import type { NamedModel } from '@grm/engine';
import { type ModelInMemory, packModel } from '@grm/language-model';
import type { PolicyReference } from '@grm/protocol';
import { describe, expect, it } from 'vitest';
import { FakeEngine } from '../fake-engine.ts';
import { PolicyEngine, type ReplaceableEngine } from './policy-engine.ts';
import { tinyPolicy } from './tiny-policy.ts';

const never = new AbortController().signal;

/** A source that keeps a diary. */
function scene() {
  const policies = new Map<string, Uint8Array>();
  const diary: string[] = [];
  const nameOf = (revision: string) => names.get(revision) ?? revision;
  const names = new Map<string, string>();
  const put = (name: string, model: ModelInMemory): PolicyReference => {
    const bytes = packModel(model);
    const revision = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    policies.set(revision, bytes);
    names.set(revision, name);
    return { revision, bucket: 'b', name: revision };
  };
  const open = async ({ revision }: NamedModel): Promise<ReplaceableEngine> => {
    diary.push(`open ${nameOf(revision)}`);
    const engine = new FakeEngine();
    return Object.assign(engine, {
      replaceWeights: async ({ revision: next }: { revision: string }) => void diary.push(`replace by ${nameOf(next)}`),
      [Symbol.asyncDispose]: async () => void diary.push('close'),
    });
  };
  const fetch = async ({ revision }: PolicyReference): Promise<Uint8Array> => {
    diary.push(`fetch ${nameOf(revision)}`);
    const bytes = policies.get(revision);
    if (bytes === undefined) throw new Error(`no policy ${nameOf(revision)}`);
    return bytes;
  };
  const engine = new PolicyEngine({ fetch, open, name: 'run' });
  const draw = (policy: PolicyReference) => engine.drawWith(policy, async () => nameOf(engine.revision ?? ''), never);
  return { engine, diary, put, draw, policies };
}

describe('the engine of policies', () => {
  it('fetches a policy once, and replaces the weights of a model that is the same but for them', async () => {
    const { put, draw, diary } = scene();
    const [a, b] = [put('a', tinyPolicy(1)), put('b', tinyPolicy(2))];
    expect([await draw(a), await draw(a), await draw(b)]).toEqual(['a', 'a', 'b']);
    expect(diary).toEqual(['fetch a', 'open a', 'fetch b', 'replace by b']);
  });

  it('goes back to the one before without fetching it again, and forgets what is older', async () => {
    const { put, draw, diary } = scene();
    const [a, b, c] = [put('a', tinyPolicy(1)), put('b', tinyPolicy(2)), put('c', tinyPolicy(3))];
    for (const policy of [a, b, a, c, b]) await draw(policy);
    expect(diary.filter((line) => line.startsWith('fetch'))).toEqual(['fetch a', 'fetch b', 'fetch c', 'fetch b']);
  });

  it('opens a policy of another shape anew', async () => {
    const { put, draw, diary } = scene();
    await draw(put('a', tinyPolicy(1)));
    await draw(put('wide', tinyPolicy(1, { hiddenSize: 32 })));
    expect(diary).toEqual(['fetch a', 'open a', 'fetch wide', 'close', 'open wide']);
  });

  it('leaves the weights as they are while somebody draws with them', async () => {
    const { engine, put, draw, diary } = scene();
    const [a, b] = [put('a', tinyPolicy(1)), put('b', tinyPolicy(2))];
    const { promise, resolve } = Promise.withResolvers<void>();
    const long = engine.drawWith(a, () => promise, never);
    await draw(a);
    const next = draw(b);
    await new Promise((resolve) => setImmediate(resolve));
    expect([engine.drawing, engine.revision, diary.at(-1)]).toEqual([1, a.revision, 'open a']);
    resolve();
    await long;
    expect(await next).toBe('b');
  });

  it('says what a policy cannot be had for, and takes the next one', async () => {
    const { put, draw, policies } = scene();
    const [a, b] = [put('a', tinyPolicy(1)), put('b', tinyPolicy(2))];
    policies.delete(a.revision);
    await expect(draw(a)).rejects.toThrow('no policy a');
    expect(await draw(b)).toBe('b');
  });

  it('does not draw with weights that it failed to replace', async () => {
    const { put, draw, diary, engine } = scene();
    const [a, b] = [put('a', tinyPolicy(1)), put('b', tinyPolicy(2))];
    await engine.drawWith(a, async (open) => Object.assign(open, { replaceWeights: () => Promise.reject(new Error('half done')) }), never);
    await expect(draw(b)).rejects.toThrow('half done');
    expect(await draw(a)).toBe('a');
    expect(diary).toEqual(['fetch a', 'open a', 'fetch b', 'close', 'open a']);
  });
});
