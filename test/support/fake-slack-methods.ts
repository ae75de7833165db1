/** What each method of the fake Slack takes, does and answers. https://docs.slack.dev/reference/methods */
import { BOT, newChannel } from './fake-slack-workspace.ts';
import type { FakeChannel, Workspace } from './fake-slack-workspace.ts';
import { pin, postMessage, update } from './fake-slack-messages.ts';
import { errorAnswer, okAnswer, channelById, textArg } from './fake-slack-answers.ts';
import type { Answer, Args } from './fake-slack-answers.ts';

export interface Method {
  /** Takes a form, not JSON. */
  readonly reads: boolean;
  /** Name (with `?` when optional) → type. */
  readonly args: Readonly<Record<string, string>>;
  perform(workspace: Workspace, args: Args): Answer;
}

const LIST = { 'cursor?': 'string', 'limit?': 'number' };
const WINDOW = { ...LIST, 'oldest?': 'string', 'latest?': 'string', 'include_all_metadata?': 'boolean' };
const TEXT_ARGS = { text: 'string', 'metadata?': 'object', 'parse?': 'string', 'link_names?': 'boolean' };

export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['conversations.create', { reads: false, args: { name: 'string', 'is_private?': 'boolean' }, perform: create }],
  ['conversations.invite', { reads: false, args: { channel: 'string', users: 'string' }, perform: invite }],
  [
    'conversations.setPurpose',
    { reads: false, args: { channel: 'string', purpose: 'string' }, perform: setting('purpose') },
  ],
  ['conversations.setTopic', { reads: false, args: { channel: 'string', topic: 'string' }, perform: setting('topic') }],
  ['conversations.history', { reads: true, args: { channel: 'string', ...WINDOW }, perform: history }],
  ['conversations.replies', { reads: true, args: { channel: 'string', ts: 'string', ...WINDOW }, perform: history }],
  [
    'users.conversations',
    { reads: true, args: { 'types?': 'string', 'exclude_archived?': 'boolean', ...LIST }, perform: listMine },
  ],
  [
    'chat.postMessage',
    {
      reads: false,
      args: {
        channel: 'string',
        ...TEXT_ARGS,
        'unfurl_links?': 'boolean',
        'unfurl_media?': 'boolean',
        'thread_ts?': 'string',
      },
      perform: postMessage,
    },
  ],
  ['chat.update', { reads: false, args: { channel: 'string', ts: 'string', ...TEXT_ARGS }, perform: update }],
  ['pins.add', { reads: false, args: { channel: 'string', timestamp: 'string' }, perform: pin }],
]);

function create(workspace: Workspace, args: Args): Answer {
  const name = textArg(args, 'name');
  if (name === '') return errorAnswer('invalid_name_required');
  if (name.length > 80) return errorAnswer('invalid_name_maxlength');
  if (!/^[a-z0-9_-]+$/.test(name)) return errorAnswer('invalid_name_specials');
  if (workspace.channels.some((channel) => channel.name === name)) return errorAnswer('name_taken');
  const channel = newChannel(workspace, { name, isPrivate: args['is_private'] === true, members: [BOT] });
  workspace.channels.push(channel);
  return okAnswer({ channel: shown(channel) });
}

/** None of them, when one will not do. */
function invite(workspace: Workspace, args: Args): Answer {
  const channel = channelById(workspace, args);
  if (typeof channel === 'string') return errorAnswer(channel);
  const users = textArg(args, 'users').split(',');
  const errors = users.flatMap((user) => {
    if (!workspace.members.has(user)) return [{ user, ok: false, error: 'user_not_found' }];
    return channel.members.has(user) ? [{ user, ok: false, error: 'already_in_channel' }] : [];
  });
  if (errors[0] !== undefined) return errorAnswer(errors[0].error, { errors });
  for (const user of users) channel.members.add(user);
  return okAnswer({ channel: shown(channel) });
}

function setting(what: 'topic' | 'purpose'): Method['perform'] {
  return (workspace, args) => {
    const channel = channelById(workspace, args);
    if (typeof channel === 'string') return errorAnswer(channel);
    if (textArg(args, what).length > 250) return errorAnswer('too_long');
    channel[what] = textArg(args, what);
    return okAnswer();
  };
}

/** With `oldest` and `latest`: the newest first, in pages. */
function history(workspace: Workspace, args: Args): Answer {
  const channel = channelById(workspace, args, true);
  if (typeof channel === 'string') return errorAnswer(channel);
  const {
    ts = null,
    oldest = '0',
    latest = '9999999999',
    cursor = '',
    limit = 100,
  } = args as Partial<Record<string, string>>;
  if (ts !== null && !channel.messages.some((message) => message.ts === ts)) return errorAnswer('thread_not_found');
  const inside = channel.messages
    .filter((message) => (ts === null ? message.thread === null : message.thread === ts || message.ts === ts))
    .filter((message) => Number(message.ts) > Number(oldest) && Number(message.ts) < Number(latest))
    .reverse();
  const begin = beginOf(cursor);
  const end = begin + Number(limit);
  const messages = inside.slice(begin, end).map((message) => ({
    type: 'message',
    user: BOT,
    ts: message.ts,
    text: message.text,
    ...(message.key !== null && args['include_all_metadata'] === true
      ? { metadata: { event_type: 'tocsin_post', event_payload: { key: message.key } } }
      : {}),
  }));
  return okAnswer({ messages, ...nextPage(end, inside.length) });
}

/** The bot's own channels: those it is in. */
function listMine(workspace: Workspace, args: Args): Answer {
  const { types = 'public_channel', cursor = '', limit = 100 } = args as Partial<Record<string, string>>;
  const mine = workspace.channels
    .filter(({ user, members }) => user === null && members.has(BOT))
    .filter(({ isPrivate }) => types.split(',').includes(isPrivate ? 'private_channel' : 'public_channel'))
    .filter(({ archived }) => !archived || args['exclude_archived'] !== true);
  const begin = beginOf(cursor);
  const end = begin + Number(limit);
  return okAnswer({ channels: mine.slice(begin, end).map(shown), ...nextPage(end, mine.length) });
}

function nextPage(end: number, all: number): Answer {
  return { has_more: end < all, response_metadata: { next_cursor: end < all ? `from:${end}` : '' } };
}

function beginOf(cursor: string): number {
  return Number(cursor.replace('from:', ''));
}

function shown({ id, name, isPrivate, created, archived, purpose, topic }: FakeChannel): Answer {
  const words = { purpose: { value: purpose }, topic: { value: topic } };
  return { id, name, is_private: isPrivate, created, is_archived: archived, is_member: true, creator: BOT, ...words };
}
