/** What the fake Slack remembers. */

/** The bot's own member id. */
export const BOT = 'U0BOT0000';

export interface FakeMessage {
  readonly ts: string;
  /** `ts` of the message it replies to. */
  readonly thread: string | null;
  text: string;
  /** What marks it as this message and no other. */
  readonly key: string | null;
  edits: number;
}

export interface FakeChannel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  /** Whose direct messages these are; null for channels. */
  readonly user: string | null;
  /** Epoch seconds. */
  readonly created: number;
  topic: string;
  purpose: string;
  archived: boolean;
  readonly members: Set<string>;
  readonly messages: FakeMessage[];
  readonly pins: string[];
}

export interface Workspace {
  readonly channels: FakeChannel[];
  readonly members: ReadonlySet<string>;
  /** Micros: no two messages share a time. */
  lastTs: number;
  made: number;
}

export function newChannel(
  workspace: Workspace,
  {
    name,
    isPrivate,
    members,
    user = null,
  }: { name: string; isPrivate: boolean; members: string[]; user?: string | null },
): FakeChannel {
  workspace.made += 1;
  const id = `${user === null ? 'C' : 'D'}FAKE${String(workspace.made).padStart(4, '0')}`;
  const room = { topic: '', purpose: '', archived: false, members: new Set(members), messages: [], pins: [] };
  return { id, name, isPrivate, user, created: Math.floor(Date.now() / 1000), ...room };
}
