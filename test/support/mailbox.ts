/**
 * A mail server for tests: speaks real SMTP, keeps every mail it takes, and has troubles on demand. In front of it
 * stands a plain TCP relay, so that connections can be refused and cut.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerDataStream, SMTPServerOptions } from 'smtp-server';
import { LOCALHOST } from './localhost-certificate.ts';
import { parseMail } from './parse-mail.ts';
import type { Mail } from './parse-mail.ts';
import { connectRelay, listenOnLoopback, closeRelay } from './tcp-relay.ts';

export type { Mail };

export type MailFault =
  /** 550 for every recipient. */
  | 'refuse-recipient'
  /** 450 for every recipient. */
  | 'busy'
  /** 550 for the sender. */
  | 'refuse-sender'
  /** 535, whatever the password; only where one is asked for. */
  | 'auth-failure'
  /** Connections are taken and nothing is said. */
  | 'hang-at-greeting'
  /** The mail is taken (it is in `mails`), and the connection cut before the 250. */
  | 'drop-after-data'
  /** 554 after the whole message: the mail is not taken. */
  | 'refuse-message'
  /** `slowMs` before each recipient is answered. */
  | 'slow'
  /** Nobody listens. */
  | 'down';

export interface MailboxOptions {
  /** Asked for before any mail is taken. */
  readonly auth?: { readonly user: string; readonly pass: string };
  /** With the certificate of localhost-certificate.ts; plain unless given. */
  readonly tls?: 'starttls' | 'smtps';
  /** 3000 unless given. */
  readonly slowMs?: number;
}

export interface Mailbox {
  /** With user and password, if it asks for them. */
  readonly url: string;
  readonly mails: readonly Mail[];
  /** Mails that cannot be read; a test that ends with any has failed. */
  readonly unexpected: readonly string[];
  /** Connections taken so far. */
  readonly connections: number;
  /** How often a password was heard so far. */
  readonly logins: number;
  setFault(kind: MailFault | null): Promise<void>;
  /** Resolves with the first mail that fits; rejects with what came instead when none does in time. */
  waitFor(what: string, fits: (mail: Mail) => boolean, withinMs: number): Promise<Mail>;
  close(): Promise<void>;
}

interface MailboxState {
  readonly options: MailboxOptions;
  readonly mails: Mail[];
  readonly unexpected: string[];
  fault: MailFault | null;
  logins: number;
  /** Cuts the connection with this port on the relay's side. */
  readonly cut: (port: number) => void;
}

export async function startMailbox(options: MailboxOptions = {}): Promise<Mailbox> {
  const pairs = new Map<number, Socket>();
  const state: MailboxState = {
    options,
    mails: [],
    unexpected: [],
    fault: null,
    logins: 0,
    cut: (port) => pairs.get(port)?.destroy(),
  };
  const smtp = new SMTPServer(behaviour(state));
  // A client that turns its back is part of most troubles.
  smtp.on('error', () => undefined);
  const behind = smtp.listen(0, '127.0.0.1');
  await new Promise((resolve) => behind.once('listening', resolve));
  // The server leaves a connection that it has not greeted open for a minute.
  const sockets = new Set<Socket>();
  behind.on('connection', (socket: Socket) => sockets.add(socket));
  let connections = 0;
  const relay = createServer((socket) => {
    connections += 1;
    connectRelay(socket, (behind.address() as AddressInfo).port, pairs);
  });
  const port = await listenOnLoopback(relay, 0);
  return {
    url: urlOf(options, port),
    mails: state.mails,
    unexpected: state.unexpected,
    get connections() {
      return connections;
    },
    get logins() {
      return state.logins;
    },
    setFault: async (kind) => {
      state.fault = kind;
      if (kind === 'down') await closeRelay(relay, pairs);
      else if (!relay.listening) await listenOnLoopback(relay, port);
    },
    waitFor: (what, fits, withinMs) => waitFor(state.mails, what, fits, withinMs),
    close: async () => {
      await closeRelay(relay, pairs);
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
    },
  };
}

function urlOf({ auth, tls }: MailboxOptions, port: number): string {
  const user = auth ? `${encodeURIComponent(auth.user)}:${encodeURIComponent(auth.pass)}@` : '';
  return `${tls === 'smtps' ? 'smtps' : 'smtp'}://${user}localhost:${port}`;
}

function behaviour(state: MailboxState): SMTPServerOptions {
  const { auth, tls } = state.options;
  return {
    ...LOCALHOST,
    secure: tls === 'smtps',
    disabledCommands: [...(tls === 'starttls' ? [] : ['STARTTLS']), ...(auth ? [] : ['AUTH'])],
    authOptional: auth === undefined,
    allowInsecureAuth: tls !== 'starttls',
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect: (_session, answer) => {
      if (state.fault !== 'hang-at-greeting') answer();
    },
    onAuth: ({ username, password }, _session, answer) => {
      state.logins += 1;
      const welcome = username === auth?.user && password === auth?.pass && state.fault !== 'auth-failure';
      if (welcome) answer(null, { user: username });
      else answer(refusal(535, 'authentication failed for that secret'));
    },
    onMailFrom: (_address, _session, answer) =>
      answer(state.fault === 'refuse-sender' ? refusal(550, 'sender not allowed') : null),
    onRcptTo: ({ address }, _session, answer) => {
      if (state.fault === 'refuse-recipient') answer(refusal(550, `no such user ${address}`));
      else if (state.fault === 'busy') answer(refusal(450, `${address} is busy`));
      else if (state.fault === 'slow') setTimeout(answer, state.options.slowMs ?? 3000).unref();
      else answer();
    },
    onData: (stream, { envelope, remotePort }, answer) => {
      const to = envelope.rcptTo.map(({ address }) => address);
      void take(state, stream, to).then((taken) => {
        if (state.fault === 'drop-after-data') state.cut(remotePort);
        else answer(taken ? null : refusal(554, 'not this message'));
      });
    },
  };
}

async function take(state: MailboxState, stream: SMTPServerDataStream, to: readonly string[]): Promise<boolean> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  if (state.fault === 'refuse-message') return false;
  try {
    state.mails.push(parseMail(Buffer.concat(chunks), to));
    return true;
  } catch (err) {
    state.unexpected.push(String(err));
    return false;
  }
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

async function waitFor(
  mails: readonly Mail[],
  what: string,
  fits: (mail: Mail) => boolean,
  withinMs: number,
): Promise<Mail> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = mails.find(fits);
    if (found) return found;
    if (Date.now() > end) {
      const came = mails.map(({ to, subject }) => `${to.join(' ')}: ${subject}`).join('\n');
      throw new Error(`no ${what} within ${withinMs} ms; received:\n${came}`);
    }
    await sleep(20);
  }
}
