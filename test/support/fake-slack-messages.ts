/** The fake Slack's messages: written, changed, pinned. */
import { no, ok, room, text } from './fake-slack-answers.ts';
import type { Answer, Args } from './fake-slack-answers.ts';
import { BOT, newChannel } from './fake-slack-world.ts';
import type { FakeChannel, Workspace } from './fake-slack-world.ts';

export function postMessage(world: Workspace, args: Args): Answer {
  const place = placeToPost(world, text(args, 'channel'));
  if (typeof place === 'string') return no(place);
  const trouble = wordsTrouble(args);
  if (trouble !== null) return no(trouble);
  world.lastTs = Math.max(world.lastTs + 1, Date.now() * 1000);
  const ts = (world.lastTs / 1e6).toFixed(6);
  const thread = (args['thread_ts'] as string | undefined) ?? null;
  place.messages.push({ ts, thread, text: text(args, 'text'), key: keyIn(args), edits: 0 });
  return ok({ channel: place.id, ts, message: { text: args['text'], ts } });
}

/** Public channels also without being in them (`chat:write.public`); a member's id opens their direct messages. */
function placeToPost(world: Workspace, to: string): FakeChannel | string {
  if (/^[UW][A-Z0-9]+$/.test(to)) return world.members.has(to) ? directMessages(world, to) : 'channel_not_found';
  const found = world.channels.find(({ id, name }) => id === to || `#${name}` === to || name === to);
  if (found === undefined || (found.isPrivate && !found.members.has(BOT))) return 'channel_not_found';
  return found.archived ? 'is_archived' : found;
}

function directMessages(world: Workspace, user: string): FakeChannel {
  const found = world.channels.find((channel) => channel.user === user);
  if (found !== undefined) return found;
  const channel = newChannel(world, { name: `dm-${user}`, isPrivate: true, members: [BOT, user], user });
  world.channels.push(channel);
  return channel;
}

export function update(world: Workspace, args: Args): Answer {
  const channel = room(world, args);
  if (typeof channel === 'string') return no(channel);
  const message = channel.messages.find(({ ts }) => ts === args['ts']);
  if (message === undefined) return no('message_not_found');
  const trouble = wordsTrouble(args);
  if (trouble !== null) return no(trouble);
  message.text = text(args, 'text');
  message.edits += 1;
  return ok({ channel: channel.id, ts: message.ts, text: message.text });
}

/** `<!channel>` and its like are what nobody but a person may say: the fake takes them for a broken text. */
function wordsTrouble(args: Args): string | null {
  const words = text(args, 'text');
  if (words.trim() === '') return 'no_text';
  if (words.length > 40_000) return 'msg_too_long';
  if (args['parse'] !== 'none' || args['link_names'] !== false) return 'fake_would_link_names';
  const left = words.replace(/<(https?:[^<>|]+\|[^<>]*|#C[A-Z0-9]+)>/g, '');
  return /[<>]|&(?!amp;|lt;|gt;)/.test(left) ? 'fake_text_not_escaped' : null;
}

function keyIn(args: Args): string | null {
  const metadata = args['metadata'] as { event_type?: string; event_payload?: { key?: string } } | undefined;
  return metadata?.event_type === 'tocsin_post' ? (metadata.event_payload?.key ?? null) : null;
}

export function pin(world: Workspace, args: Args): Answer {
  const channel = room(world, args);
  if (typeof channel === 'string') return no(channel);
  const ts = text(args, 'timestamp');
  if (!channel.messages.some((message) => message.ts === ts)) return no('message_not_found');
  if (channel.pins.includes(ts)) return no('already_pinned');
  channel.pins.push(ts);
  return ok();
}
