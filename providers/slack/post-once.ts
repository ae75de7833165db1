/**
 * Posts a message once. Slack does not recognize a repeat, so each message carries its key in its metadata, and one
 * that may have been posted before is looked up in the channel's history. This process also remembers what it has
 * posted.
 */
import {
  cursorOf,
  listIn,
  objectIn,
  refusalOf,
  textIn,
  type SlackArgs,
  type SlackBody,
  type SlackClient,
  isId,
  findChannels,
} from './client.ts';
import { RecentCache } from '../shared/deliver-once.ts';

const EVENT_TYPE = 'tocsin_post';
const PAGE = 100;
const PAGES = 10;
/** Slack's clock and ours may differ. */
const SKEW_MS = 60_000;

/** The channel no longer accepts our posts: it was archived or deleted, or the bot was removed. */
export const CHANNEL_UNUSABLE = ['channel_not_found', 'is_archived', 'not_in_channel'] as const;

/** The history cannot be read: posting twice is better than not at all. */
const CANNOT_LOOK = [
  ...CHANNEL_UNUSABLE,
  'missing_scope',
  'not_allowed_token_type',
  'no_permission',
  'thread_not_found',
];

export interface SlackPost {
  /** A channel's id or name, or a member's id. */
  readonly to: string;
  /** Same key, same message. */
  readonly key: string;
  /** Escaped. */
  readonly text: string;
  readonly thread?: string;
  /** It may have been posted after this time, epoch ms; null: it was not. */
  readonly since: number | null;
}

/** Where it was posted, or why the channel did not accept it. */
export type PostResult = { readonly channel: string; readonly ts: string } | { readonly gone: string };

export type PostOnce = (slackPost: SlackPost, signal: AbortSignal) => Promise<PostResult>;

/** One memory for each client, shared by everything that posts through it. */
export function posterFor(client: SlackClient): PostOnce {
  const postOnce = posters.get(client) ?? newPoster(client);
  posters.set(client, postOnce);
  return postOnce;
}

const posters = new WeakMap<SlackClient, PostOnce>();

function newPoster(client: SlackClient): PostOnce {
  const done = new RecentCache<PostResult>();
  const ids = new RecentCache<string>();
  return async (slackPost, signal) => {
    const known = done.get(slackPost.key);
    if (known !== undefined) return known;
    const found = slackPost.since === null ? null : await findPosted(client, slackPost, ids, signal);
    const result = found ?? (await post(client, slackPost, signal));
    if ('gone' in result) return result;
    if (!isId(slackPost.to)) ids.add(slackPost.to, result.channel);
    done.add(slackPost.key, result);
    return result;
  };
}

/** Common arguments of new and changed messages: Slack turns nothing in the text into a link or a mention. */
export function messageArgs(key: string, text: string): SlackArgs {
  const metadata = { event_type: EVENT_TYPE, event_payload: { key } };
  return { text, metadata, parse: 'none', link_names: false };
}

async function post(
  client: SlackClient,
  { to, key, text, thread }: SlackPost,
  signal: AbortSignal,
): Promise<PostResult> {
  const args = {
    channel: isId(to) ? to : `#${to.replace(/^#/, '')}`,
    ...messageArgs(key, text),
    unfurl_links: false,
    unfurl_media: false,
    ...(thread === undefined ? {} : { thread_ts: thread }),
  };
  const body = await client.call('chat.postMessage', args, signal, CHANNEL_UNUSABLE);
  const gone = refusalOf(body);
  return gone === null ? { channel: textIn(body, 'channel'), ts: textIn(body, 'ts') } : { gone };
}

type Ids = RecentCache<string>;

async function findPosted(
  client: SlackClient,
  slackPost: SlackPost,
  ids: Ids,
  signal: AbortSignal,
): Promise<PostResult | null> {
  const channel = await idOf(client, slackPost.to, ids, signal);
  if (channel === null) return null;
  const { thread, since, key } = slackPost;
  const now = Date.now();
  // A clock that is ahead must not skip the whole history.
  const oldest = slackTime(Math.min(since ?? 0, now) - SKEW_MS);
  // With both bounds Slack returns the newest first, which is where the last attempt would be.
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
  const [channelFound] = await findChannels(client, ({ name }) => name === wanted, signal);
  if (channelFound === undefined) return null;
  ids.add(to, channelFound.id);
  return channelFound.id;
}

/** `1705323900.000000`. */
function slackTime(at: number): string {
  return (Math.max(0, at) / 1000).toFixed(6);
}
