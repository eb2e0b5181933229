/** No judgement is left to learn from. */
export class NothingKeptError extends Error {
  override readonly name = 'NothingKeptError';

  constructor({ drawn, wrong, unreadable, unanimous }: { readonly drawn: number; readonly wrong: number; readonly unreadable: number; readonly unanimous: number }) {
    super(
      `rft kept none of ${drawn} judgements: ${wrong} were wrong, ${unreadable} could not be read, ${unanimous} were of items that were always judged right. ` +
        (unanimous > 0 && wrong + unreadable === 0
          ? 'The base knows all these items: take harder ones, or set dropUnanimous: false'
          : 'The base cannot do the task yet: pretrain it further, take easier items, draw more samples an item, or set dropUnanimous: false'),
    );
  }
}
