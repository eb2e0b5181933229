import type { Component, Ground, Member } from '../ground/ground.ts';

/** A member of a component that runs now, the same for the same choice among the same members. */
export async function chooseMember(ground: Ground, component: Component, choice: number): Promise<Member | undefined> {
  const members = (await ground.members(component)).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return members[choice % Math.max(1, members.length)];
}
