import { describe, expect, it } from 'vitest';
import { Turnstile } from './turnstile.ts';

/** A room with a colour, and what happened in it. */
function room() {
  const turnstile = new Turnstile();
  const log: string[] = [];
  let colour = 'white';
  const enter = (wanted: string, paint: () => Promise<void> = async () => {}) =>
    turnstile.enter(
      async () => {
        log.push(`${turnstile.inside} inside: paint ${wanted}`);
        await paint();
        colour = wanted;
      },
      () => colour === wanted,
    );
  return { turnstile, log, enter };
}

describe('a turnstile', () => {
  it('lets in all who want the room as it is, at once', async () => {
    const { turnstile, log, enter } = room();
    await Promise.all([enter('white'), enter('white')]);
    expect(turnstile.inside).toBe(2);
    expect(log).toEqual([]);
  });

  it('rearranges only an empty room, and lets nobody pass who came later', async () => {
    const { turnstile, log, enter } = room();
    const [first, second] = [await enter('white'), await enter('white')];
    const saying = async (name: string, entering: Promise<Disposable>) => {
      const pass = await entering;
      log.push(`${name} is in`);
      return pass;
    };
    const red = saying('red', enter('red'));
    const white = saying('white', enter('white'));
    first[Symbol.dispose]();
    await Promise.resolve();
    expect(log).toEqual([]);
    second[Symbol.dispose]();
    (await red)[Symbol.dispose]();
    await white;
    expect(log).toEqual(['0 inside: paint red', 'red is in', '0 inside: paint white', 'white is in']);
    expect(turnstile.inside).toBe(1);
  });

  it('turns away who cannot arrange it, and goes on', async () => {
    const { enter, log } = room();
    await expect(enter('red', () => Promise.reject(new Error('no paint')))).rejects.toThrow('no paint');
    await enter('blue');
    expect(log).toEqual(['0 inside: paint red', '0 inside: paint blue']);
  });
});
