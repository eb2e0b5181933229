/** Does all of them, so many at a time, whatever becomes of one. @returns what became of each, in their order */
export async function settleAll<Item, Value>(items: readonly Item[], atATime: number, work: (item: Item) => Promise<Value>): Promise<PromiseSettledResult<Value>[]> {
  const outcomes: PromiseSettledResult<Value>[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) [outcomes[index]] = await Promise.allSettled([work(item)]);
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  return outcomes;
}
