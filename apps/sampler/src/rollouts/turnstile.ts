/**
 * Lets any number in while the room is as they want it. Who wants it otherwise waits until it is empty and rearranges it; who comes
 * later waits behind, so nobody is passed over.
 */
export class Turnstile {
  #inside = 0;
  #last: Promise<unknown> = Promise.resolve();
  #emptied: PromiseWithResolvers<void> | undefined;

  get inside(): number {
    return this.#inside;
  }

  /**
   * Dispose of the pass to leave.
   * @param arrange makes the room what the one who enters wants; called when it is not, with nobody inside. What it throws is thrown.
   */
  async enter(arrange: () => Promise<void>, isRight: () => boolean): Promise<Disposable> {
    const turn = this.#last.then(async () => {
      if (!isRight()) {
        await this.#empty();
        await arrange();
      }
      this.#inside++;
    });
    this.#last = turn.catch(() => {});
    await turn;
    return { [Symbol.dispose]: () => this.#leave() };
  }

  async #empty(): Promise<void> {
    if (this.#inside === 0) return;
    this.#emptied = Promise.withResolvers();
    await this.#emptied.promise;
  }

  #leave(): void {
    if (--this.#inside > 0) return;
    this.#emptied?.resolve();
    this.#emptied = undefined;
  }
}
