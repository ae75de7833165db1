/**
 * What belongs into an incident's channel beside the posts: purpose, people, the pinned summary, the topic. Each is done
 * once, or again when it has changed; what is done is kept in the incident's refs.
 */
import { createHash } from 'node:crypto';
import { DeliveryError } from '../../activities/failures.ts';
import type { Scene } from '../../activities/ports.ts';
import { refusalOf } from './client.ts';
import { invite } from './invite.ts';
import { does } from './room.ts';
import type { Room } from './room.ts';
import { GONE, messageArgs } from './say.ts';
import { purposeText, summaryText, topicText } from './summary.ts';

/** Does all of it that can be done; then throws what stood in the way first. A channel that is gone needs nothing. */
export async function furnish(room: Room): Promise<void> {
  const troubles: DeliveryError[] = [];
  for (const act of [purpose, invite, summary, pin, topic]) {
    try {
      await act(room);
    } catch (err) {
      if (!(err instanceof DeliveryError)) throw err;
      troubles.push(err);
    }
  }
  const [first] = troubles;
  if (first !== undefined) throw troubles.find(({ trouble }) => trouble === 'later') ?? first;
}

/** The channel's id stands for "done there". */
export async function purpose(room: Room): Promise<void> {
  const { scene, id } = room;
  if (scene.refs()['slack.purpose'] === id) return;
  const done = await does(room, 'conversations.setPurpose', { channel: id, purpose: purposeText(scene) });
  if (done) scene.learn({ 'slack.purpose': id });
}

async function summary(room: Room): Promise<void> {
  const { desk, scene, id, fresh } = room;
  const text = summaryText(scene, desk);
  const key = `${scene.incident.id}/summary`;
  const ts = scene.refs()['slack.summary'];
  if (ts === undefined) {
    await sayNew(room, key, text, fresh ? null : Date.parse(scene.head.declaredAt));
    return;
  }
  if (shownOf(scene).summary === digest(text)) return;
  const args = { channel: id, ts, ...messageArgs(key, text) };
  const lost = ['message_not_found', 'cant_update_message', 'edit_window_closed'];
  const word = refusalOf(await desk.client.call('chat.update', args, room.signal, [...GONE, ...lost]));
  if (word === null) show(scene, { summary: digest(text) });
  // Somebody deleted it. Under a key of its own, or the one that was deleted would be taken for it.
  else if (lost.includes(word)) await sayNew(room, `${key}/${ts}`, text, Date.parse(scene.head.declaredAt));
}

async function sayNew({ desk, scene, id, signal }: Room, key: string, text: string, since: number | null) {
  const said = await desk.say({ to: id, key, text, since }, signal);
  if ('gone' in said) return;
  scene.learn({ 'slack.summary': said.ts });
  show(scene, { summary: digest(text) });
}

async function pin(room: Room): Promise<void> {
  const { scene, id } = room;
  const ts = scene.refs()['slack.summary'];
  if (ts === undefined || scene.refs()['slack.pinned'] === ts) return;
  const done = await does(room, 'pins.add', { channel: id, timestamp: ts }, ['already_pinned', 'message_not_found']);
  if (done) scene.learn({ 'slack.pinned': ts });
}

async function topic(room: Room): Promise<void> {
  const { desk, scene, id } = room;
  const text = topicText(scene, desk);
  if (shownOf(scene).topic === digest(text)) return;
  if (await does(room, 'conversations.setTopic', { channel: id, topic: text })) show(scene, { topic: digest(text) });
}

/** What summary and topic show, as `slack.shown` keeps it. */
interface Shown {
  readonly summary: string;
  readonly topic: string;
}

function shownOf(scene: Scene): Shown {
  const [summary = '', topic = ''] = (scene.refs()['slack.shown'] ?? '').split('.');
  return { summary, topic };
}

function show(scene: Scene, news: Partial<Shown>): void {
  const { summary, topic } = { ...shownOf(scene), ...news };
  scene.learn({ 'slack.shown': `${summary}.${topic}` });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
