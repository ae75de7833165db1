/**
 * Sets up an incident's channel: purpose, people, pinned summary, topic. Each is set once, and again when it has
 * changed; the incident's refs record what has been done.
 */
import { createHash } from 'node:crypto';
import type { IncidentContext } from '../../activities/ports.ts';
import { DeliveryError } from '../../runtime/failures.ts';
import { refusalOf, type SlackArgs, type SlackClient } from './client.ts';
import { CHANNEL_UNUSABLE, messageArgs, type PostOnce } from './post-once.ts';
import { purposeText, type SummaryFormat, summaryText, topicText } from './summary.ts';

/**
 * Does as much as possible, then throws the first retryable failure, or else the first. A deleted channel needs
 * nothing.
 */
export async function setUpChannel(channel: IncidentChannel): Promise<void> {
  const failures: DeliveryError[] = [];
  for (const act of [purpose, invite, summary, pin, topic]) {
    try {
      await act(channel);
    } catch (err) {
      if (!(err instanceof DeliveryError)) throw err;
      failures.push(err);
    }
  }
  const [first] = failures;
  if (first !== undefined) throw failures.find(({ kind }) => kind === 'retryable') ?? first;
}

/** The channel's id marks what is done there. */
export async function purpose(channel: IncidentChannel): Promise<void> {
  const { context, id } = channel;
  if (context.refs()['slack.purpose'] === id) return;
  const done = await callInChannel(channel, 'conversations.setPurpose', { channel: id, purpose: purposeText(context) });
  if (done) context.keepRefs({ 'slack.purpose': id });
}

async function summary(channel: IncidentChannel): Promise<void> {
  const { slack, context, id, fresh } = channel;
  const text = summaryText(context, slack);
  const key = `${context.incident.id}/summary`;
  const ts = context.refs()['slack.summary'];
  if (ts === undefined) {
    await postNewSummary(channel, key, text, fresh ? null : Date.parse(context.projection.declaredAt));
    return;
  }
  if (shownOf(context).summary === digest(text)) return;
  const args = { channel: id, ts, ...messageArgs(key, text) };
  const lost = ['message_not_found', 'cant_update_message', 'edit_window_closed'];
  const code = refusalOf(await slack.client.call('chat.update', args, channel.signal, [...CHANNEL_UNUSABLE, ...lost]));
  if (code === null) show(context, { summary: digest(text) });
  // Somebody deleted the summary. Posted under a key of its own, or the deleted message would be taken for it.
  else if (lost.includes(code))
    await postNewSummary(channel, `${key}/${ts}`, text, Date.parse(context.projection.declaredAt));
}

async function postNewSummary(
  { slack, context, id, signal }: IncidentChannel,
  key: string,
  text: string,
  since: number | null,
) {
  const result = await slack.postOnce({ to: id, key, text, since }, signal);
  if ('gone' in result) return;
  context.keepRefs({ 'slack.summary': result.ts });
  show(context, { summary: digest(text) });
}

async function pin(channel: IncidentChannel): Promise<void> {
  const { context, id } = channel;
  const ts = context.refs()['slack.summary'];
  if (ts === undefined || context.refs()['slack.pinned'] === ts) return;
  const done = await callInChannel(channel, 'pins.add', { channel: id, timestamp: ts }, [
    'already_pinned',
    'message_not_found',
  ]);
  if (done) context.keepRefs({ 'slack.pinned': ts });
}

async function topic(channel: IncidentChannel): Promise<void> {
  const { slack, context, id } = channel;
  const text = topicText(context, slack);
  if (shownOf(context).topic === digest(text)) return;
  if (await callInChannel(channel, 'conversations.setTopic', { channel: id, topic: text }))
    show(context, { topic: digest(text) });
}

/** What the summary and the topic show, as stored in `slack.shown`. */
interface ShownDigests {
  readonly summary: string;
  readonly topic: string;
}

function shownOf(context: IncidentContext): ShownDigests {
  const [summary = '', topic = ''] = (context.refs()['slack.shown'] ?? '').split('.');
  return { summary, topic };
}

function show(context: IncidentContext, changed: Partial<ShownDigests>): void {
  const { summary, topic } = { ...shownOf(context), ...changed };
  context.keepRefs({ 'slack.shown': `${summary}.${topic}` });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

export interface SlackContext extends SummaryFormat {
  readonly client: SlackClient;
  readonly postOnce: PostOnce;
  /** A person's Slack member id; null when they have none. */
  readonly memberOf: (person: string) => string | null;
}

/** A channel to set up. `fresh`: this call created it, so nobody else has posted in it. */
interface IncidentChannel {
  readonly slack: SlackContext;
  readonly context: IncidentContext;
  readonly id: string;
  readonly fresh: boolean;
  readonly signal: AbortSignal;
}

/** True when it is done, by us or by somebody else; false when the channel is unusable. */
async function callInChannel(
  { slack, signal }: IncidentChannel,
  method: string,
  args: SlackArgs,
  tolerated: readonly string[] = [],
): Promise<boolean> {
  const code = refusalOf(await slack.client.call(method, args, signal, [...CHANNEL_UNUSABLE, ...tolerated]));
  return code === null || tolerated.includes(code);
}

/** Invites everybody at once, or one by one if Slack refuses. People it will never accept are not tried again. */
async function invite(channel: IncidentChannel): Promise<void> {
  const { slack, context } = channel;
  const invited = new Set((context.refs()['slack.invited'] ?? '').split(',').filter((member) => member !== ''));
  const members = context.responders.map(slack.memberOf).filter((member) => member !== null && !invited.has(member));
  const missing = [...new Set(members)].filter((member) => member !== null).slice(0, AT_ONCE);
  if (missing.length === 0) return;
  const done = (added: readonly string[]): void => {
    for (const member of added) invited.add(member);
    context.keepRefs({ 'slack.invited': [...invited].join(',') });
  };
  const all = await tryInvite(channel, missing);
  if (all === 'done') return done(missing);
  const failures: DeliveryError[] = [];
  for (const member of all === 'gone' ? [] : missing) {
    const one = missing.length === 1 ? all : await tryInvite(channel, [member]);
    if (one === 'done' || one === 'never') done([member]);
    else if (one instanceof DeliveryError) failures.push(one);
  }
  if (failures[0] !== undefined) throw failures[0];
}

/** Slack's limit for one call is a hundred. */
const AT_ONCE = 50;

/** Errors that mean a member is in the channel already or never can be. */
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

/** `never`: Slack will never accept at least one of them. Throws `retryable`. */
async function tryInvite(
  { slack, id, signal }: IncidentChannel,
  members: readonly string[],
): Promise<'done' | 'never' | 'gone' | DeliveryError> {
  try {
    const args = { channel: id, users: members.join(',') };
    const code = refusalOf(
      await slack.client.call('conversations.invite', args, signal, [...CHANNEL_UNUSABLE, ...NEVER]),
    );
    if (code === null) return 'done';
    return NEVER.includes(code) ? 'never' : 'gone';
  } catch (err) {
    if (err instanceof DeliveryError && err.kind !== 'retryable') return err;
    throw err;
  }
}
