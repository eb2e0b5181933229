/** No group of judgements has both right and wrong ones, so that there is nothing to learn from. */
export class UnanimousGroupsError extends Error {
  override readonly name = 'UnanimousGroupsError';

  constructor({ steps, groups, right }: { readonly steps: number; readonly groups: number; readonly right: number }) {
    super(
      `grpo: in ${steps} steps none of ${groups} groups held both right and wrong judgements (${Math.round(100 * right)} % were right), so there is nothing to learn. ` +
        (right > 0.5
          ? 'The policy knows these items: take harder ones, or leave easy ones out with filter'
          : 'The policy cannot do these items yet: train it further before (rft), take easier ones, or raise groupSize or temperature'),
    );
  }
}
