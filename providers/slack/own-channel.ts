/** An incident's own channel: made once, and found again when the answer to its making was lost. */
import { DeliveryError } from '../../activities/failures.ts';
import type { ChatPost, Scene } from '../../activities/ports.ts';
import { objectIn, refusalOf, textIn } from './client.ts';
import type { SlackClient } from './client.ts';
import { channelNames } from './names.ts';
import { placesOf } from './places.ts';

/** Slack's clock and ours. */
const SKEW_MS = 5 * 60_000;

export type OwnChannel =
  /** `fresh`: made by this call, so nothing has been said in it. */
  | { readonly id: string; readonly fresh: boolean }
  /** Slack will not make one. */
  | { readonly trouble: DeliveryError };

/** Null when the runbook wants none. Throws `later`. What is made is learned before anything else is done. */
export async function ownChannel(
  client: SlackClient,
  timeZone: string,
  scene: Scene,
  post: Pick<ChatPost, 'at' | 'again'>,
  signal: AbortSignal,
): Promise<OwnChannel | null> {
  const known = scene.refs()['slack.channel'];
  if (known !== undefined) return { id: known, fresh: false };
  if (!scene.wantsChannel) return null;
  try {
    return await make(client, channelNames(scene, timeZone), scene, post, signal);
  } catch (err) {
    if (err instanceof DeliveryError && err.trouble !== 'later') return { trouble: err };
    throw err;
  }
}

async function make(
  client: SlackClient,
  names: readonly string[],
  scene: Scene,
  { at, again }: Pick<ChatPost, 'at' | 'again'>,
  signal: AbortSignal,
): Promise<OwnChannel> {
  for (const [taken, name] of names.entries()) {
    const args = { name, is_private: scene.head.restricted };
    const body = await client.call('conversations.create', args, signal, ['name_taken']);
    if (refusalOf(body) === null) {
      const channel = objectIn(body, 'channel');
      return learn(scene, { id: textIn(channel, 'id'), name: textIn(channel, 'name'), fresh: true });
    }
    const ours = again && taken === 0 ? await findOurs(client, names, scene, at, signal) : null;
    if (ours !== null) return learn(scene, { ...ours, fresh: false });
  }
  return { trouble: new DeliveryError('slack', { code: 'name_taken', trouble: 'refused' }) };
}

function learn(scene: Scene, { id, name, fresh }: { id: string; name: string; fresh: boolean }): OwnChannel {
  scene.learn({ 'slack.channel': id, channel: `#${name}` });
  return { id, fresh };
}

/**
 * A channel under one of our names that says it is this incident's; or that says nothing and was made since the post
 * was due: its making was the last thing that got through.
 */
async function findOurs(
  client: SlackClient,
  names: readonly string[],
  { incident, head }: Scene,
  at: number,
  signal: AbortSignal,
): Promise<{ id: string; name: string } | null> {
  const candidates = await placesOf(
    client,
    ({ name, isPrivate }) => names.includes(name) && isPrivate === head.restricted,
    signal,
  );
  const marked = candidates.find(({ purpose }) => purpose.endsWith(incident.id));
  const since = Math.min(at, Date.now()) - SKEW_MS;
  const blank = candidates.find(({ purpose, createdAt }) => purpose === '' && createdAt >= since);
  return marked ?? blank ?? null;
}
