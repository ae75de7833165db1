/**
 * What a vendor is. Its folder describes it in one object, and one line of `registry.ts` makes it known: the
 * configuration's schema and checks, the kinds of contacts and everything the worker uses are derived from there.
 */
import { z } from 'zod';
import type { AlertSource, Chat, Contact, StakeholderContact, StatusPage, Tickets } from '../activities/ports.ts';
import type { Log } from '../runtime/log.ts';
import type { PublishedEntry } from './builtin/builtin.ts';

/** A way to page somebody: a key of `contact` in the configuration. */
export interface PagingMethod {
  /** What stands beside the key. */
  readonly target: z.ZodType<string | true>;
  /** It makes no noise: it tells, but wakes nobody. */
  readonly quiet?: true;
  /** It rings a phone: a person paged for a SEV1 should have one. */
  readonly ringsPhone?: true;
}

export interface Vendor<Settings = never> {
  /** Its part of the configuration; a vendor without one is always there. */
  readonly settings?: {
    /** Where it stands in the file, such as `chat.slack`. */
    readonly at: string;
    /** Made of the words of runtime/setting-schemas.ts, so that secrets are known as such. */
    readonly schema: z.ZodType;
    /** The least to write, for people who lack it. */
    readonly example: string;
  };
  readonly contacts?: Readonly<Record<string, PagingMethod>>;
  /** Ways to send stakeholder updates, and what a target looks like. */
  readonly stakeholderContacts?: Readonly<Record<string, z.ZodType<string>>>;
  /** Absent: its contacts can be configured already but not used yet. */
  readonly connect?: (settings: Settings) => ConnectedVendor;
}

/** What one vendor serves. Everything shares one client, made by `connect`. */
export interface ConnectedVendor {
  /** `method` names the contact in keys and deliveries. Null: nobody is reached at that target. */
  contact?(target: string, method: string): Contact | null;
  stakeholderContact?(target: string, method: string): StakeholderContact;
  /** Null: the organization wants none. */
  chat?(organization: OrganizationSettings): Chat | null;
  statusPage?(organization: OrganizationSettings): StatusPage | null;
  tickets?(organization: OrganizationSettings): Tickets | null;
  alertSource?(api: AlertApi): AlertSource;
  close?(): void;
}

/** What vendors may know of the organization they serve. */
export interface OrganizationSettings {
  /** IANA zone in which times are told. */
  readonly timeZone: string;
  readonly displayName: (person: string) => string;
  /** A person's first contact of a kind; null when they have none. */
  readonly targetOf: (person: string, kind: string) => string | null;
  /** A team's own chat channel, by name or id; null when it has none. */
  readonly channelOf: (team: string) => string | null;
  readonly releasesChannel: string | null;
  /** The external monitor that expects our heartbeat; null when there is none. */
  readonly monitorUrl: string | null;
  /** Keeps an entry for Tocsin's own status page; null when that page is switched off. */
  readonly publish: ((entry: PublishedEntry) => Promise<unknown>) | null;
  /** Where ticket files go; null when they are switched off. */
  readonly ticketDirectory: string | null;
  readonly log: Log;
}

/** Where an alert source can be asked what fires. */
export interface AlertApi {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`; null: none. */
  readonly token: string | null;
}

/** A text that looks like `pattern`; `what` as in "expected a mail address". */
export const targetLike = (what: string, pattern: RegExp) =>
  z
    .string({ error: `expected ${what}, in quotes` })
    .trim()
    .max(2000, 'too long')
    .regex(pattern, { error: `expected ${what}`, abort: true });
