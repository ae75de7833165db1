/** An incident's own channel: made once, and found again when the answer to its making was lost. */
import { DeliveryError } from '../../runtime/failures.ts';
import type { ChatPost, IncidentContext } from '../../activities/ports.ts';
import { objectIn, refusalOf, textIn } from './client.ts';
import type { SlackClient } from './client.ts';
import { channelNames } from './channel-names.ts';
import { findChannels } from './find-channels.ts';

/** Slack's clock and ours. */
const SKEW_MS = 5 * 60_000;

export type OwnChannel =
  /** `fresh`: made by this call, so nothing has been said in it. */
  | { readonly id: string; readonly fresh: boolean }
  /** Slack will not make one. */
  | { readonly failure: DeliveryError };

/** Null when the runbook wants none. Throws `later`. What is made is learned before anything else is done. */
export async function ownChannel(
  client: SlackClient,
  timeZone: string,
  context: IncidentContext,
  post: Pick<ChatPost, 'at' | 'mayBeRepeat'>,
  signal: AbortSignal,
): Promise<OwnChannel | null> {
  const known = context.refs()['slack.channel'];
  if (known !== undefined) return { id: known, fresh: false };
  if (!context.wantsChannel) return null;
  try {
    return await createChannel(client, channelNames(context, timeZone), context, post, signal);
  } catch (err) {
    if (err instanceof DeliveryError && err.kind !== 'retryable') return { failure: err };
    throw err;
  }
}

async function createChannel(
  client: SlackClient,
  names: readonly string[],
  context: IncidentContext,
  { at, mayBeRepeat }: Pick<ChatPost, 'at' | 'mayBeRepeat'>,
  signal: AbortSignal,
): Promise<OwnChannel> {
  for (const [taken, name] of names.entries()) {
    const args = { name, is_private: context.projection.restricted };
    const body = await client.call('conversations.create', args, signal, ['name_taken']);
    if (refusalOf(body) === null) {
      const channel = objectIn(body, 'channel');
      return keepChannel(context, { id: textIn(channel, 'id'), name: textIn(channel, 'name'), fresh: true });
    }
    const ours = mayBeRepeat && taken === 0 ? await findOurs(client, names, context, at, signal) : null;
    if (ours !== null) return keepChannel(context, { ...ours, fresh: false });
  }
  return { failure: new DeliveryError('slack', { code: 'name_taken', kind: 'rejected' }) };
}

function keepChannel(
  context: IncidentContext,
  { id, name, fresh }: { id: string; name: string; fresh: boolean },
): OwnChannel {
  context.keepRefs({ 'slack.channel': id, channel: `#${name}` });
  return { id, fresh };
}

/**
 * A channel under one of our names that says it is this incident's; or that says nothing and was made since the post
 * was due: its making was the last thing that got through.
 */
async function findOurs(
  client: SlackClient,
  names: readonly string[],
  { incident, projection }: IncidentContext,
  at: number,
  signal: AbortSignal,
): Promise<{ id: string; name: string } | null> {
  const candidates = await findChannels(
    client,
    ({ name, isPrivate }) => names.includes(name) && isPrivate === projection.restricted,
    signal,
  );
  const marked = candidates.find(({ purpose }) => purpose.endsWith(incident.id));
  const since = Math.min(at, Date.now()) - SKEW_MS;
  const blank = candidates.find(({ purpose, createdAt }) => purpose === '' && createdAt >= since);
  return marked ?? blank ?? null;
}
