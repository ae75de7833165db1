/**
 * Says something once. Slack does not know a message again: each carries its key in its metadata, and where it may have
 * been said before, the channel's history is asked first. What this process has said it remembers.
 */
import { cursorOf, listIn, objectIn, refusalOf, textIn } from './client.ts';
import type { SlackArgs, SlackBody, SlackClient } from './client.ts';
import { isId, placesOf } from './places.ts';
import { recent } from '../recent.ts';

const EVENT_TYPE = 'tocsin_post';
const PAGE = 100;
const PAGES = 10;
/** Slack's clock and ours. */
const SKEW_MS = 60_000;

/** The channel takes nothing from us (any more): somebody archived or deleted it, or showed the bot out. */
export const GONE = ['channel_not_found', 'is_archived', 'not_in_channel'] as const;

/** The history cannot be read: then it is better said twice than not at all. */
const CANNOT_LOOK = [...GONE, 'missing_scope', 'not_allowed_token_type', 'no_permission', 'thread_not_found'];

export interface Saying {
  /** A channel's id or name, or a member's id. */
  readonly to: string;
  /** Same key, same message. */
  readonly key: string;
  /** Escaped. */
  readonly text: string;
  readonly thread?: string;
  /** It may have been said after this, epoch ms; null: it was not. */
  readonly since: number | null;
}

/** Where it was said; or why the channel did not take it. */
export type Said = { readonly channel: string; readonly ts: string } | { readonly gone: string };

export type Say = (saying: Saying, signal: AbortSignal) => Promise<Said>;

/** One memory for each client, whoever speaks through it. */
export function sayer(client: SlackClient): Say {
  const say = sayers.get(client) ?? newSayer(client);
  sayers.set(client, say);
  return say;
}

const sayers = new WeakMap<SlackClient, Say>();

function newSayer(client: SlackClient): Say {
  const done = recent<Said>();
  const ids = recent<string>();
  return async (saying, signal) => {
    const known = done.get(saying.key);
    if (known !== undefined) return known;
    const found = saying.since === null ? null : await lookFor(client, saying, ids, signal);
    const said = found ?? (await post(client, saying, signal));
    if ('gone' in said) return said;
    if (!isId(saying.to)) ids.add(saying.to, said.channel);
    done.add(saying.key, said);
    return said;
  };
}

/** How a message is written, new or changed: nothing in its text makes a link or calls anybody by itself. */
export function messageArgs(key: string, text: string): SlackArgs {
  const metadata = { event_type: EVENT_TYPE, event_payload: { key } };
  return { text, metadata, parse: 'none', link_names: false };
}

async function post(client: SlackClient, { to, key, text, thread }: Saying, signal: AbortSignal): Promise<Said> {
  const args = {
    channel: isId(to) ? to : `#${to.replace(/^#/, '')}`,
    ...messageArgs(key, text),
    unfurl_links: false,
    unfurl_media: false,
    ...(thread === undefined ? {} : { thread_ts: thread }),
  };
  const body = await client.call('chat.postMessage', args, signal, GONE);
  const gone = refusalOf(body);
  return gone === null ? { channel: textIn(body, 'channel'), ts: textIn(body, 'ts') } : { gone };
}

type Ids = ReturnType<typeof recent<string>>;

async function lookFor(client: SlackClient, saying: Saying, ids: Ids, signal: AbortSignal): Promise<Said | null> {
  const channel = await idOf(client, saying.to, ids, signal);
  if (channel === null) return null;
  const { thread, since, key } = saying;
  const now = Date.now();
  // A clock that is ahead must not look past everything.
  const oldest = slackTime(Math.min(since ?? 0, now) - SKEW_MS);
  // With both ends Slack begins with the newest: what was tried last is there.
  const latest = slackTime(now + SKEW_MS);
  const window = { channel, oldest, latest, limit: PAGE, include_all_metadata: true };
  const [method, args] = thread === undefined ? [HISTORY, window] : [REPLIES, { ...window, ts: thread }];
  let cursor: string | null = '';
  for (let page = 0; page < PAGES && cursor !== null; page += 1) {
    const more: SlackArgs = cursor === '' ? args : { ...args, cursor };
    const body: SlackBody = await client.call(method, more, signal, CANNOT_LOOK);
    if (refusalOf(body) !== null) return null;
    const ours = listIn(body, 'messages').find((message) => keyOf(message) === key);
    if (ours !== undefined) return { channel, ts: textIn(ours, 'ts') };
    cursor = cursorOf(body);
  }
  return null;
}

const HISTORY = 'conversations.history';
const REPLIES = 'conversations.replies';

function keyOf(message: SlackBody): unknown {
  const metadata = objectIn(message, 'metadata');
  return metadata['event_type'] === EVENT_TYPE ? objectIn(metadata, 'event_payload')['key'] : null;
}

async function idOf(client: SlackClient, to: string, ids: Ids, signal: AbortSignal): Promise<string | null> {
  if (isId(to)) return to;
  const known = ids.get(to);
  if (known !== undefined) return known;
  const wanted = to.replace(/^#/, '');
  const [place] = await placesOf(client, ({ name }) => name === wanted, signal);
  if (place === undefined) return null;
  ids.add(to, place.id);
  return place.id;
}

/** `1705323900.000000`. */
function slackTime(at: number): string {
  return (Math.max(0, at) / 1000).toFixed(6);
}
