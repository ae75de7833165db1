/**
 * Mail over SMTP, with one pool of connections for everybody. SMTP has no idempotency keys: this process does not send
 * again what a server has accepted; across processes, and after a lost response, only a constant Message-ID helps, by
 * which many mailboxes merge duplicates but servers do not.
 */
import type { z } from 'zod';
import { createTransport, type SendMailOptions, type SMTPPoolOptions } from 'nodemailer';
import type { Contact, StakeholderContact } from '../../activities/ports.ts';
import { DeliveryError, type FailureKind } from '../../runtime/failures.ts';
import { strict, text } from '../../runtime/setting-schemas.ts';
import { RecentCache } from '../shared/deliver-once.ts';
import { targetLike, type Vendor } from '../vendor.ts';
import { messageOf, stakeholderUpdateMail } from './message.ts';

const CONNECT_MS = 8_000;
const GREETING_MS = 8_000;
const SILENCE_MS = 10_000;
/** For the whole mail, however long a server keeps a useless connection busy. */
const TOGETHER_MS = 20_000;
/** Shorter than the idle timeout of servers and of firewalls on the way. */
const IDLE_MS = 60_000;

const schema = strict({
  /** With user, password and nodemailer's options as query. */
  smtp: text(2000)
    .regex(/^smtps?:\/\/[^\s/]+/i, { error: 'expected smtp://host or smtps://host', abort: true })
    .refine(
      (url) => URL.canParse(url),
      'this is not an address: write special characters of the password as %23 and the like',
    ),
  from: text(320).regex(
    /^([^<>\r\n]*<[^\s@<>,;"]+@[^\s@<>,;"]+>|[^\s@<>,;"]+@[^\s@<>,;"]+)$/,
    'expected a mail address, or one with a name: "Incidents <incidents@example.com>"',
  ),
});

const address = targetLike('a mail address', /^[^\s@<>,;"]+@[^\s@<>,;"]+$/);

export const mail = {
  settings: {
    at: 'mail' as const,
    schema,
    example: 'mail: { smtp: "smtp://…", from: … }',
  },
  contacts: { email: { target: address, quiet: true } },
  stakeholderContacts: { email: address },
  connect: (settings) => createMailer(settings),
} satisfies Vendor<z.output<typeof schema>>;

interface MailSettings {
  readonly smtp: string;
  readonly from: string;
  /** Right half of Message-IDs; the sender's domain unless given. */
  readonly host?: string;
}

export interface Mailer {
  contact(address: string, method: string): Contact;
  stakeholderContact(address: string, method: string): StakeholderContact;
  /** Closes idle connections at once; lets mails in progress finish. */
  close(): void;
}

export function createMailer({ smtp, from, host = domainOf(from) }: MailSettings): Mailer {
  const transport = createTransport(poolOf(smtp));
  const accepted = new RecentCache<true>();
  const send = async (address: string, key: string, message: SendMailOptions, signal: AbortSignal): Promise<void> => {
    if (accepted.get(key)) return;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(TOGETHER_MS)]);
    const to = { name: '', address };
    const info = await transport
      .sendMail({ ...message, from, to, signal: bounded })
      .catch((err: unknown) => Promise.reject(mailFailure(err)));
    // A server may accept a message but not its only recipient.
    if ((info.rejected ?? []).length > 0) throw mailFailure(info.rejectedErrors?.[0]);
    accepted.add(key, true);
  };
  return {
    contact: (address, method) => ({
      method,
      quiet: true,
      send: (page, signal) => send(address, page.key, messageOf(page, host), signal),
    }),
    stakeholderContact: (address, method) => ({
      method,
      send: (stakeholderUpdate, signal) =>
        send(address, stakeholderUpdate.key, stakeholderUpdateMail(stakeholderUpdate, host), signal),
    }),
    close: () => transport.close(),
  };
}

/** The options in the URL override all of these. */
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

/** A password is sent encrypted or not at all, unless the URL overrides this. */
function mustEncrypt(smtp: string): boolean {
  if (!URL.canParse(smtp)) return true;
  const { protocol, username, hostname, searchParams } = new URL(smtp);
  const local = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  return protocol === 'smtp:' && username !== '' && !local && searchParams.get('ignoreTLS') !== 'true';
}

function domainOf(from: string): string {
  return /@([a-z0-9.-]+)>?\s*$/i.exec(from)?.[1] ?? 'tocsin.invalid';
}

/** "Authentication required", "too weak", "failed", "encryption required": our fault, whoever the recipient is. */
const MEANS_SETTINGS = [530, 534, 535, 538];

/** Replies before a recipient is named concern us: our address, our sender. */
const ABOUT_US = /^(CONN|EHLO|HELO|LHLO|STARTTLS|AUTH|MAIL FROM)/;

/** The session was in a wrong state, which says nothing about the message. */
const BAD_SEQUENCE = 503;
const TOO_BIG = 552;

const CODE_MEANS: Readonly<Record<string, FailureKind>> = {
  EAUTH: 'misconfigured',
  ENOAUTH: 'misconfigured',
  EOAUTH2: 'misconfigured',
  ECONFIG: 'misconfigured',
  EENVELOPE: 'rejected',
  EMESSAGE: 'rejected',
};

/** Gives `mail: SMTP 550` or `mail: ETIMEDOUT`, never the server's text, which may contain addresses. */
export function mailFailure(err: unknown): DeliveryError {
  const { code, responseCode, command } = partsOf(err);
  if (responseCode !== undefined) {
    return new DeliveryError('mail', {
      status: responseCode,
      code: `SMTP ${responseCode}`,
      kind: failureKindOfReply(responseCode, command),
    });
  }
  return new DeliveryError('mail', { code: code ?? 'no answer', kind: CODE_MEANS[code ?? ''] ?? 'retryable' });
}

function failureKindOfReply(responseCode: number, command: string): FailureKind {
  if (responseCode < 500 || responseCode === BAD_SEQUENCE) return 'retryable';
  if (MEANS_SETTINGS.includes(responseCode)) return 'misconfigured';
  return ABOUT_US.test(command) && responseCode !== TOO_BIG ? 'misconfigured' : 'rejected';
}

function partsOf(err: unknown): { code: string | undefined; responseCode: number | undefined; command: string } {
  const { code, responseCode, command } = (typeof err === 'object' && err !== null ? err : {}) as Record<
    string,
    unknown
  >;
  return {
    code: typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : undefined,
    responseCode:
      typeof responseCode === 'number' && responseCode >= 200 && responseCode < 600 ? responseCode : undefined,
    command: typeof command === 'string' ? command : '',
  };
}
