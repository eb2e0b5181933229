import { expect, it } from 'vitest';
import { OwnWrites } from './own-writes.ts';

const version = (resourceVersion: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'team', name: 'a', resourceVersion } });

it('a write is seen at once, and gives way to whatever the cache holds next', () => {
  const writes = new OwnWrites();
  const [read, written, later] = [version('1'), version('2'), version('3')];
  expect(writes.newest(read)).toBe(read);
  writes.remember(read, written);
  expect(writes.newest(read)).toBe(written);
  expect(writes.newest(later)).toBe(later);
  expect(writes.newest(read)).toBe(read);
});

it('several writes upon one cached version are seen as the last of them', () => {
  const writes = new OwnWrites();
  const [read, first, second] = [version('1'), version('2'), version('3')];
  writes.remember(read, first);
  writes.remember(read, second);
  expect(writes.newest(read)).toBe(second);
});

it('a write that changed nothing is not remembered', () => {
  const writes = new OwnWrites();
  const read = version('1');
  writes.remember(read, version('1'));
  expect(writes.newest(read)).toBe(read);
});
