/** What the fake Slack's methods share: arguments, answers, and which channel is meant. */
import { BOT } from './fake-slack-workspace.ts';
import type { FakeChannel, Workspace } from './fake-slack-workspace.ts';

export type Answer = Readonly<Record<string, unknown>>;
export type Args = Readonly<Record<string, unknown>>;

export const okAnswer = (more: Answer = {}): Answer => ({ ok: true, ...more });
export const errorAnswer = (error: string, more: Answer = {}): Answer => ({ ok: false, error, ...more });
export const textArg = (args: Args, name: string): string => args[name] as string;

/** A channel by its id, in which the bot may act; else Slack's word. */
export function channelById({ channels }: Workspace, args: Args, reading = false): FakeChannel | string {
  const found = channels.find(({ id }) => id === args['channel']);
  if (found === undefined || (found.isPrivate && !found.members.has(BOT))) return 'channel_not_found';
  if (!found.members.has(BOT)) return 'not_in_channel';
  return found.archived && !reading ? 'is_archived' : found;
}
