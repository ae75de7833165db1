/** Brings the responders into an incident's channel. Who has been asked is kept in the ref `slack.invited`. */
import { DeliveryError } from '../../runtime/failures.ts';
import { refusalOf } from './client.ts';
import type { IncidentChannel } from './incident-channel.ts';
import { CHANNEL_UNUSABLE } from './post-once.ts';

/** All at once; and if Slack does not take one of them, one by one. Whom it will never take is not tried again. */
export async function invite(room: IncidentChannel): Promise<void> {
  const { slack, context } = room;
  const invited = new Set((context.refs()['slack.invited'] ?? '').split(',').filter((member) => member !== ''));
  const members = context.responders.map(slack.memberOf).filter((member) => member !== null && !invited.has(member));
  const missing = [...new Set(members)].filter((member) => member !== null).slice(0, AT_ONCE);
  if (missing.length === 0) return;
  const done = (added: readonly string[]): void => {
    for (const member of added) invited.add(member);
    context.keepRefs({ 'slack.invited': [...invited].join(',') });
  };
  const all = await tryInvite(room, missing);
  if (all === 'done') return done(missing);
  const troubles: DeliveryError[] = [];
  for (const member of all === 'gone' ? [] : missing) {
    const one = missing.length === 1 ? all : await tryInvite(room, [member]);
    if (one === 'done' || one === 'never') done([member]);
    else if (one instanceof DeliveryError) troubles.push(one);
  }
  if (troubles[0] !== undefined) throw troubles[0];
}

/** Slack's limit for one call is a hundred. */
const AT_ONCE = 50;

/** Why Slack does not take a member: they are in already, or never will be. */
const NEVER = [
  'already_in_channel',
  'cant_invite',
  'cant_invite_self',
  'user_not_found',
  'user_disabled',
  'user_is_restricted',
  'user_is_ultra_restricted',
  'user_team_not_in_channel',
  'ura_max_channels',
  'no_user',
  'failed_for_some_users',
];

/** `never`: at least one of them will not be taken, whenever. Throws `later`. */
async function tryInvite(
  { slack, id, signal }: IncidentChannel,
  members: readonly string[],
): Promise<'done' | 'never' | 'gone' | DeliveryError> {
  try {
    const args = { channel: id, users: members.join(',') };
    const word = refusalOf(
      await slack.client.call('conversations.invite', args, signal, [...CHANNEL_UNUSABLE, ...NEVER]),
    );
    if (word === null) return 'done';
    return NEVER.includes(word) ? 'never' : 'gone';
  } catch (err) {
    if (err instanceof DeliveryError && err.kind !== 'retryable') return err;
    throw err;
  }
}
