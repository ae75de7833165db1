/**
 * People reached by mail, over SMTP. One pool of connections for everybody. SMTP knows no keys: what this process saw
 * accepted it does not mail again; across processes, and when the answer to a message was lost, the same Message-ID is
 * all there is, which many mailboxes merge and servers do not.
 */
import { createTransport } from 'nodemailer';
import type { SendMailOptions, SMTPPoolOptions } from 'nodemailer';
import type { Contact, StakeholderContact } from '../../activities/ports.ts';
import { recentCache } from '../shared/recent-cache.ts';
import { stakeholderUpdateMail } from './stakeholder-update.ts';
import { messageOf } from './message.ts';
import { mailFailure } from './mail-failure.ts';

const CONNECT_MS = 8_000;
const GREETING_MS = 8_000;
const SILENCE_MS = 10_000;
/** All of it, however lively a server keeps a connection that leads nowhere. */
const TOGETHER_MS = 20_000;
/** Shorter than what servers and firewalls between allow an idle connection. */
const IDLE_MS = 60_000;

export interface MailSettings {
  /** `smtp://` or `smtps://`, with user, password and nodemailer's options as query. Secret. */
  readonly smtp: string;
  /** `incidents@example.com` or `Incidents <incidents@example.com>`. */
  readonly from: string;
  /** Right half of Message-IDs; the sender's domain unless given. */
  readonly host?: string;
}

export interface Mailer {
  contact(address: string, method: string): Contact;
  /** To a stakeholder. */
  stakeholderUpdates(address: string, method: string): StakeholderContact;
  /** Ends idle connections at once; mails under way are let out. */
  close(): void;
}

export function createMailer({ smtp, from, host = domainOf(from) }: MailSettings): Mailer {
  const transport = createTransport(poolOf(smtp));
  const accepted = recentCache<true>();
  const mail = async (address: string, key: string, message: SendMailOptions, signal: AbortSignal): Promise<void> => {
    if (accepted.get(key)) return;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(TOGETHER_MS)]);
    const to = { name: '', address };
    const info = await transport
      .sendMail({ ...message, from, to, signal: bounded })
      .catch((err: unknown) => Promise.reject(mailFailure(err)));
    // A server may take a message and not the one person it is for.
    if ((info.rejected ?? []).length > 0) throw mailFailure(info.rejectedErrors?.[0]);
    accepted.add(key, true);
  };
  return {
    contact: (address, method) => ({
      method,
      quiet: true,
      send: (page, signal) => mail(address, page.key, messageOf(page, host), signal),
    }),
    stakeholderUpdates: (address, method) => ({
      method,
      send: (stakeholderUpdate, signal) =>
        mail(address, stakeholderUpdate.key, stakeholderUpdateMail(stakeholderUpdate, host), signal),
    }),
    close: () => transport.close(),
  };
}

/** What the address says wins over all of this. */
function poolOf(smtp: string): SMTPPoolOptions & { pool: true } {
  return {
    pool: true,
    url: smtp,
    connectionTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: SILENCE_MS,
    idleTimeout: IDLE_MS,
    // Only what has not begun to leave is tried again by the pool: a connection the server closed while it was idle.
    maxRequeues: 1,
    requireTLS: mustEncrypt(smtp),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** A password leaves the machine encrypted or not at all, unless the address says otherwise. */
function mustEncrypt(smtp: string): boolean {
  if (!URL.canParse(smtp)) return true;
  const { protocol, username, hostname, searchParams } = new URL(smtp);
  const local = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  return protocol === 'smtp:' && username !== '' && !local && searchParams.get('ignoreTLS') !== 'true';
}

function domainOf(from: string): string {
  return /@([a-z0-9.-]+)>?\s*$/i.exec(from)?.[1] ?? 'tocsin.invalid';
}
