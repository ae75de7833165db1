/** An incident's own channel: created once, and found again when the response to its creation was lost. */
import type { ChatPost, IncidentContext } from '../../activities/ports.ts';
import { DeliveryError } from '../../runtime/failures.ts';
import { formatDate } from '../../schedules/format-time.ts';
import { objectIn, refusalOf, type SlackClient, textIn, findChannels } from './client.ts';

/** Slack's clock and ours may differ. */
const SKEW_MS = 5 * 60_000;

export type OwnChannel =
  /** `fresh`: created by this call, so nobody has posted in it. */
  | { readonly id: string; readonly fresh: boolean }
  /** Slack cannot create one. */
  | { readonly failure: DeliveryError };

/**
 * Null when the policy wants none. Throws retryable failures. A new channel is remembered before anything else is done.
 */
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
 * A channel under one of our names whose purpose names this incident; or one without a purpose, created since the post
 * was due: the process stopped right after creating it.
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

/** Slack's own limit; every workspace accepts lower-case letters, digits and hyphens. */
const LENGTH = 80;

/**
 * The names to try, best first: `incident-2024-01-15-payments`, the same with the reference or the end of the id, and
 * with the whole incident id, which is unique. The date is the declaration's, in `timeZone`.
 */
export function channelNames({ incident, projection }: IncidentContext, timeZone: string): readonly string[] {
  const { service, title, reference, id: incidentId } = incident;
  const slug = slugOf(service ?? '') || slugOf(title) || slugOf(projection.team) || 'incident';
  const base = `incident-${formatDate(Date.parse(projection.declaredAt), timeZone)}-${slug}`;
  const unique = incidentId.toLowerCase();
  const endings = [...(reference === null ? [] : [slugOf(reference)]), unique.slice(-6), unique];
  return [cut(base, LENGTH), ...endings.map((ending) => `${cut(base, LENGTH - ending.length - 1)}-${ending}`)];
}

/** Letters without their accents; any run of other characters becomes one hyphen. */
function slugOf(text: string): string {
  const bare = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return bare.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
}

function cut(name: string, length: number): string {
  return name.slice(0, length).replace(/-+$/, '');
}
