/** The fake Slack's messages: written, changed, pinned. */
import { errorAnswer, okAnswer, channelById, textArg } from './fake-slack-answers.ts';
import type { Answer, Args } from './fake-slack-answers.ts';
import { BOT, newChannel } from './fake-slack-workspace.ts';
import type { FakeChannel, Workspace } from './fake-slack-workspace.ts';

export function postMessage(workspace: Workspace, args: Args): Answer {
  const place = channelToPost(workspace, textArg(args, 'channel'));
  if (typeof place === 'string') return errorAnswer(place);
  const trouble = textProblem(args);
  if (trouble !== null) return errorAnswer(trouble);
  workspace.lastTs = Math.max(workspace.lastTs + 1, Date.now() * 1000);
  const ts = (workspace.lastTs / 1e6).toFixed(6);
  const thread = (args['thread_ts'] as string | undefined) ?? null;
  place.messages.push({ ts, thread, text: textArg(args, 'text'), key: keyIn(args), edits: 0 });
  return okAnswer({ channel: place.id, ts, message: { text: args['text'], ts } });
}

/** Public channels also without being in them (`chat:write.public`); a member's id opens their direct messages. */
function channelToPost(workspace: Workspace, to: string): FakeChannel | string {
  if (/^[UW][A-Z0-9]+$/.test(to))
    return workspace.members.has(to) ? directMessages(workspace, to) : 'channel_not_found';
  const found = workspace.channels.find(({ id, name }) => id === to || `#${name}` === to || name === to);
  if (found === undefined || (found.isPrivate && !found.members.has(BOT))) return 'channel_not_found';
  return found.archived ? 'is_archived' : found;
}

function directMessages(workspace: Workspace, user: string): FakeChannel {
  const found = workspace.channels.find((channel) => channel.user === user);
  if (found !== undefined) return found;
  const channel = newChannel(workspace, { name: `dm-${user}`, isPrivate: true, members: [BOT, user], user });
  workspace.channels.push(channel);
  return channel;
}

export function update(workspace: Workspace, args: Args): Answer {
  const channel = channelById(workspace, args);
  if (typeof channel === 'string') return errorAnswer(channel);
  const message = channel.messages.find(({ ts }) => ts === args['ts']);
  if (message === undefined) return errorAnswer('message_not_found');
  const trouble = textProblem(args);
  if (trouble !== null) return errorAnswer(trouble);
  message.text = textArg(args, 'text');
  message.edits += 1;
  return okAnswer({ channel: channel.id, ts: message.ts, text: message.text });
}

/** `<!channel>` and its like are what nobody but a person may say: the fake takes them for a broken text. */
function textProblem(args: Args): string | null {
  const words = textArg(args, 'text');
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

export function pin(workspace: Workspace, args: Args): Answer {
  const channel = channelById(workspace, args);
  if (typeof channel === 'string') return errorAnswer(channel);
  const ts = textArg(args, 'timestamp');
  if (!channel.messages.some((message) => message.ts === ts)) return errorAnswer('message_not_found');
  if (channel.pins.includes(ts)) return errorAnswer('already_pinned');
  channel.pins.push(ts);
  return okAnswer();
}
