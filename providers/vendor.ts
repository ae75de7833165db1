/**
 * A vendor's description: one object in its folder, registered by one line of `registry.ts`. The configuration's schema
 * and checks, the kinds of contacts and everything the worker uses are derived from it.
 */
import { z } from 'zod';
import type { AlertSource, Chat, Contact, StakeholderContact, StatusPage, Tickets } from '../activities/ports.ts';
import type { Log } from '../runtime/log.ts';
import type { PublishedEntry } from './builtin/builtin.ts';

/** A way to page somebody: a key of `contact` in the configuration. */
export interface PagingMethod {
  /** The schema of the key's value. */
  readonly target: z.ZodType<string | true>;
  /** Quiet: it informs, but wakes nobody. */
  readonly quiet?: true;
  /** It rings a phone: a person paged for a SEV1 should have one. */
  readonly ringsPhone?: true;
}

export interface Vendor<Settings = never> {
  /** Its section of the configuration; a vendor without one is always available. */
  readonly settings?: {
    /** Its path in the file, such as `chat.slack`. */
    readonly at: string;
    /** Built from runtime/setting-schemas.ts, so that secrets are recognized. */
    readonly schema: z.ZodType;
    /** A minimal example, for people who lack it. */
    readonly example: string;
  };
  readonly contacts?: Readonly<Record<string, PagingMethod>>;
  /** Ways to send stakeholder updates, and what a target looks like. */
  readonly stakeholderContacts?: Readonly<Record<string, z.ZodType<string>>>;
  /** Absent: its contacts can be configured already but not used yet. */
  readonly connect?: (settings: Settings) => ConnectedVendor;
}

/** What a vendor provides. Everything shares one client, made by `connect`. */
export interface ConnectedVendor {
  /** `method` names the contact in keys and deliveries. Null: the target reaches nobody. */
  contact?(target: string, method: string): Contact | null;
  stakeholderContact?(target: string, method: string): StakeholderContact;
  /** Null: the organization wants none. */
  chat?(organization: OrganizationSettings): Chat | null;
  statusPage?(organization: OrganizationSettings): StatusPage | null;
  tickets?(organization: OrganizationSettings): Tickets | null;
  alertSource?(api: AlertApi): AlertSource;
  close?(): void;
}

/** What vendors may know about the organization. */
export interface OrganizationSettings {
  /** IANA zone in which times are shown. */
  readonly timeZone: string;
  readonly displayName: (person: string) => string;
  /** A person's first contact of a kind; null when they have none. */
  readonly targetOf: (person: string, kind: string) => string | null;
  /** A team's own chat channel, by name or id; null when it has none. */
  readonly channelOf: (team: string) => string | null;
  readonly releasesChannel: string | null;
  /** The external monitor that expects our heartbeat; null when there is none. */
  readonly monitorUrl: string | null;
  /** Stores an entry for Tocsin's own status page; null when that page is switched off. */
  readonly publish: ((entry: PublishedEntry) => Promise<unknown>) | null;
  /** The directory for ticket files; null when they are switched off. */
  readonly ticketDirectory: string | null;
  readonly log: Log;
}

/** Where to ask an alert source which alerts fire. */
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
