/**
 * What belongs into an incident's channel beside the posts: purpose, people, the pinned summary, the topic. Each is done
 * once, or again when it has changed; what is done is kept in the incident's refs.
 */
import { createHash } from 'node:crypto';
import { DeliveryError } from '../../runtime/failures.ts';
import type { IncidentContext } from '../../activities/ports.ts';
import { refusalOf } from './client.ts';
import { invite } from './invite.ts';
import { callInChannel } from './incident-channel.ts';
import type { IncidentChannel } from './incident-channel.ts';
import { CHANNEL_UNUSABLE, messageArgs } from './post-once.ts';
import { purposeText, summaryText, topicText } from './summary.ts';

/** Does all of it that can be done; then throws what stood in the way first. A channel that is gone needs nothing. */
export async function setUpChannel(room: IncidentChannel): Promise<void> {
  const failures: DeliveryError[] = [];
  for (const act of [purpose, invite, summary, pin, topic]) {
    try {
      await act(room);
    } catch (err) {
      if (!(err instanceof DeliveryError)) throw err;
      failures.push(err);
    }
  }
  const [first] = failures;
  if (first !== undefined) throw failures.find(({ kind }) => kind === 'retryable') ?? first;
}

/** The channel's id stands for "done there". */
export async function purpose(room: IncidentChannel): Promise<void> {
  const { context, id } = room;
  if (context.refs()['slack.purpose'] === id) return;
  const done = await callInChannel(room, 'conversations.setPurpose', { channel: id, purpose: purposeText(context) });
  if (done) context.keepRefs({ 'slack.purpose': id });
}

async function summary(room: IncidentChannel): Promise<void> {
  const { slack, context, id, fresh } = room;
  const text = summaryText(context, slack);
  const key = `${context.incident.id}/summary`;
  const ts = context.refs()['slack.summary'];
  if (ts === undefined) {
    await postNewSummary(room, key, text, fresh ? null : Date.parse(context.projection.declaredAt));
    return;
  }
  if (shownOf(context).summary === digest(text)) return;
  const args = { channel: id, ts, ...messageArgs(key, text) };
  const lost = ['message_not_found', 'cant_update_message', 'edit_window_closed'];
  const word = refusalOf(await slack.client.call('chat.update', args, room.signal, [...CHANNEL_UNUSABLE, ...lost]));
  if (word === null) show(context, { summary: digest(text) });
  // Somebody deleted it. Under a key of its own, or the one that was deleted would be taken for it.
  else if (lost.includes(word))
    await postNewSummary(room, `${key}/${ts}`, text, Date.parse(context.projection.declaredAt));
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

async function pin(room: IncidentChannel): Promise<void> {
  const { context, id } = room;
  const ts = context.refs()['slack.summary'];
  if (ts === undefined || context.refs()['slack.pinned'] === ts) return;
  const done = await callInChannel(room, 'pins.add', { channel: id, timestamp: ts }, [
    'already_pinned',
    'message_not_found',
  ]);
  if (done) context.keepRefs({ 'slack.pinned': ts });
}

async function topic(room: IncidentChannel): Promise<void> {
  const { slack, context, id } = room;
  const text = topicText(context, slack);
  if (shownOf(context).topic === digest(text)) return;
  if (await callInChannel(room, 'conversations.setTopic', { channel: id, topic: text }))
    show(context, { topic: digest(text) });
}

/** What summary and topic show, as `slack.shown` keeps it. */
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
