import type { StageContext } from '../run/stage.ts';

/** Says how many items are left out since nothing tells what a right judgement of them is; nothing where there are none. */
export function reportUnlabelled({ items, unlabelled }: { readonly items: number; readonly unlabelled: number }, context: Pick<StageContext, 'notice'>): void {
  if (unlabelled === 0) return;
  context.notice({ type: 'Warning', reason: 'UnlabelledItems', message: `${unlabelled} items say neither best nor label and are left out; ${items} are used` });
}
