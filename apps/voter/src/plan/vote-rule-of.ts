import type { JudgeRequest } from '@grm/protocol';
import type { VoteRule } from '@grm/spct';
import { invalidField } from './invalid-field.ts';
import type { ServiceSettings } from './service-settings.ts';

/**
 * The vote rule of a request: what it asks for, or else what the service is set to.
 * @param request names the payload in messages
 * @throws GrmError `invalid-request` when it asks for what this service has not got, or for what would have no effect.
 */
export function voteRuleOf(vote: JudgeRequest['vote'] = {}, settings: ServiceSettings['vote'], samples: number, request = 'JudgeRequest'): VoteRule {
  const metaRM = vote.metaRM ?? settings.metaRM;
  if (metaRM !== 'None' && settings.metaRM === 'None') {
    throw invalidField(request, 'vote.metaRM', `${metaRM} needs a meta reward model, and this service has none; leave it out or ask for None`);
  }
  if (vote.keep !== undefined) checkKeep(vote.keep, metaRM, samples, request);
  switch (metaRM) {
    case 'None':
      return { kind: 'sum' };
    case 'Weight':
      return { kind: 'weight' };
    case 'Filter':
      return { kind: 'filter', keep: vote.keep ?? Math.min(settings.keep ?? Math.ceil(samples / 2), samples) };
  }
}

function checkKeep(keep: number, metaRM: ServiceSettings['vote']['metaRM'], samples: number, request: string): void {
  if (metaRM !== 'Filter') {
    throw invalidField(request, 'vote.keep', `keep is a part of the Filter rule, and this request is voted on by ${metaRM}; set vote.metaRM to Filter or leave keep out`);
  }
  if (keep > samples) throw invalidField(request, 'vote.keep', `keep (${keep}) must not be above the number of samples (${samples})`);
}
