import type { ErrorCode } from '@grm/protocol';
import type { Component, Ground } from '../ground/ground.ts';
import { chooseMember } from './choose-member.ts';
import type { FaultKind } from './fault.ts';

export interface EndProcessOptions {
  readonly name: string;
  readonly component: Component;
  /** SIGKILL: it dies in the middle of whatever it does. SIGTERM: it is told to finish, as by a rolling restart. */
  readonly signal: 'SIGKILL' | 'SIGTERM';
  readonly explains: readonly ErrorCode[];
}

/** Ends one process of a component. Healed when that one is gone and as many run as there were. */
export function endProcess(ground: Ground, { name, component, signal, explains }: EndProcessOptions): FaultKind {
  return {
    name,
    about: `${signal} to a ${component}`,
    explains,
    prepare: (choice) => {
      let ended = '';
      return {
        strike: async () => {
          const member = await chooseMember(ground, component, choice);
          if (member === undefined) return undefined;
          ended = member.incarnation;
          await ground.signal(member, signal);
          return member.name;
        },
        healed: async () => (await ground.members(component)).every(({ incarnation }) => incarnation !== ended) && (await ground.unsettled()) === undefined,
      };
    },
  };
}
