/**
 * Slack's Web API as its documentation has it, as a real HTTP server with a memory: the methods that Tocsin uses, and
 * nothing else. Whatever they do not expect (an unknown method or argument, a wrong type, a text that calls everybody)
 * is written to `unexpected` and fails.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { argsOf, problemWith } from './fake-slack-args.ts';
import { METHODS } from './fake-slack-methods.ts';
import type { Answer } from './fake-slack-answers.ts';
import { BOT, newChannel } from './fake-slack-workspace.ts';
import type { FakeChannel, FakeMessage, Workspace } from './fake-slack-workspace.ts';

export type SlackFault =
  | { readonly kind: 'status'; readonly status: number }
  /** 200, `ok: false` and this error. */
  | { readonly kind: 'error'; readonly error: string }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Does it, after a while. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Does it, and closes the connection instead of answering. */
  | { readonly kind: 'accept-then-reset' }
  /** 429 with `Retry-After`. */
  | { readonly kind: 'rate-limit'; readonly seconds: number }
  /** 200 and a web page. */
  | { readonly kind: 'malformed' };

export interface FakeSlackOptions {
  /** Channels that are there before. The bot is in them unless `botIsIn: false`. */
  readonly channels?: readonly { readonly name: string; readonly isPrivate?: boolean; readonly botIsIn?: boolean }[];
  /** Ids of the workspace's members. */
  readonly members?: readonly string[];
}

export interface FakeSlack {
  /** What `chat.slack.apiUrl` is set to. */
  readonly url: string;
  readonly token: string;
  /** Every call that was let through to a method, as `method` in order. */
  readonly calls: readonly string[];
  /** A test that ends with any has failed. */
  readonly unexpected: readonly string[];
  channels(): readonly FakeChannel[];
  /** Direct messages, too. */
  conversations(): readonly FakeChannel[];
  /** Throws when there is none of that name. */
  channel(name: string): FakeChannel;
  /** Oldest first, without replies. `name`: a channel's, or a member's id for what they were told directly. */
  messagesIn(name: string): readonly FakeMessage[];
  /** Replies to a message, oldest first. */
  threadOf(name: string, ts: string): readonly FakeMessage[];
  /** From now on, `times` times or until told otherwise; null: all is well. `*` is every method. */
  setFault(method: string, setFault: SlackFault | null, times?: number): void;
  /** What people do. */
  archive(name: string): void;
  deleteChannel(name: string): void;
  deleteMessage(name: string, ts: string): void;
  removeBot(name: string): void;
  expireToken(): void;
  close(): Promise<void>;
}

export async function startFakeSlack({ channels = [], members = [] }: FakeSlackOptions = {}): Promise<FakeSlack> {
  const token = 'xoxb-fake-0123456789-abcdef';
  const world: Workspace = { channels: [], members: new Set(members), lastTs: 0, made: 0 };
  for (const { name, isPrivate = false, botIsIn = true } of channels) {
    world.channels.push(newChannel(world, { name, isPrivate, members: botIsIn ? [BOT] : [] }));
  }
  const unexpected: string[] = [];
  const calls: string[] = [];
  const troubles = new Map<string, { trouble: SlackFault; left: number }>();
  let expired = false;

  const troubleFor = (method: string): SlackFault | null => {
    const found = troubles.get(method) ?? troubles.get('*');
    if (found === undefined || found.left <= 0) return null;
    found.left -= 1;
    return found.trouble;
  };
  const perform = (method: string, req: IncomingMessage, body: string): Answer => {
    const known = METHODS.get(method);
    if (req.method !== 'POST' || known === undefined)
      return rejectUnexpected(unexpected, `${req.method} ${method}`, 'unknown_method');
    if (req.headers.authorization !== `Bearer ${token}`)
      return rejectUnexpected(unexpected, `${method}: wrong token`, 'invalid_auth');
    if (expired) return { ok: false, error: 'token_expired' };
    const args = argsOf(known.reads, req, body);
    const problem = typeof args === 'string' ? args : problemWith(args, known.args);
    if (typeof args === 'string' || problem !== null)
      return rejectUnexpected(unexpected, `${method}: ${problem}`, 'invalid_arguments');
    calls.push(method);
    const said = known.perform(world, args);
    // What Slack would let through, and we must never send.
    if (String(said['error']).startsWith('fake_')) unexpected.push(`${method}: ${String(said['error'])}: ${body}`);
    return said;
  };
  const server = createServer((req, res) => {
    void bodyOf(req).then(async (body) => {
      const method = (req.url ?? '').replace(/^\/api\//, '');
      const trouble = troubleFor(method);
      if (trouble !== null && (await misbehave(trouble, res, () => perform(method, req, body)))) return;
      answer(res, perform(method, req, body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const channel = (name: string): FakeChannel => {
    const found = world.channels.find((one) => one.name === name || one.id === name);
    if (found === undefined)
      throw new Error(`no channel ${name}; there are ${world.channels.map((c) => c.name).join(', ')}`);
    return found;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    token,
    calls,
    unexpected,
    channels: () => world.channels.filter(({ user }) => user === null),
    conversations: () => world.channels,
    channel,
    messagesIn: (name) => {
      const direct = world.channels.find(({ user }) => user === name);
      return (direct ?? channel(name)).messages.filter(({ thread }) => thread === null);
    },
    threadOf: (name, ts) => channel(name).messages.filter(({ thread }) => thread === ts),
    setFault: (method, trouble, times = Number.MAX_SAFE_INTEGER) => {
      if (trouble === null) troubles.delete(method);
      else troubles.set(method, { trouble, left: times });
    },
    archive: (name) => {
      channel(name).archived = true;
    },
    deleteChannel: (name) => {
      world.channels.splice(world.channels.indexOf(channel(name)), 1);
    },
    deleteMessage: (name, ts) => {
      const { messages } = channel(name);
      messages.splice(
        messages.findIndex((message) => message.ts === ts),
        1,
      );
    },
    removeBot: (name) => {
      channel(name).members.delete(BOT);
    },
    expireToken: () => {
      expired = true;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function rejectUnexpected(unexpected: string[], what: string, error: string): Answer {
  unexpected.push(what);
  return { ok: false, error };
}

/** True when that was the answer, or there will be none. */
async function misbehave(trouble: SlackFault, res: ServerResponse, perform: () => Answer): Promise<boolean> {
  switch (trouble.kind) {
    case 'status':
      res.writeHead(trouble.status, { 'content-type': 'text/plain' }).end('upstream xoxb-leaked words');
      return true;
    case 'error':
      answer(res, { ok: false, error: trouble.error });
      return true;
    case 'hang':
      return true;
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, trouble.ms));
      return false;
    case 'accept-then-reset':
      perform();
      res.socket?.destroy();
      return true;
    case 'rate-limit':
      res.writeHead(429, { 'retry-after': String(trouble.seconds) }).end('{"ok":false,"error":"ratelimited"}');
      return true;
    case 'malformed':
      res.writeHead(200, { 'content-type': 'text/html' }).end('<html>Slack is having trouble</html>');
      return true;
  }
}

function answer(res: ServerResponse, body: Answer): void {
  res.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
