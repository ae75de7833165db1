/**
 * What an incident must send: pages, chat posts, public entries, notices, ticket entries and the settling of
 * vendors' alarms. Entries stay in the state until their delivery is recorded, so after a crash or continue-as-new they
 * are sent again under the same keys.
 */
import type { AlertReport, StormGroup } from './alert.ts';
import type { PublicState } from './commands.ts';
import type { MergeMessageEntry } from './merge-messages.ts';
import type { Text, TextValues } from './text.ts';

export const PAGE_REASONS = [
  'on-call',
  'leadership',
  'escalation',
  'repeat',
  'severity-raised',
  'recurrence',
  'inactive',
  'rollback-failed',
  'by-hand',
  'storm',
  'fallback',
] as const;

export type PageReason = (typeof PAGE_REASONS)[number];

/** Level of pages outside the escalation: leadership, the IC, somebody by hand. */
export const OUTSIDE_ESCALATION = 0;

export interface PageTarget {
  readonly level: number;
  /** Counted for each (cycle, level), so that no two pages of an incident share a key. */
  readonly attempt: number;
  /** People, schedules or `onCall`: resolved when paging. */
  readonly names: readonly string[];
}

/** A method of a page that is neither accepted nor given up. */
export interface UnsettledPage {
  readonly key: string;
  readonly to: string;
  readonly method: string;
  readonly level: number;
  readonly state: 'sending' | 'retrying';
  /** Why the last try failed; null while none has. */
  readonly reason: string | null;
  readonly failures: number;
  /** How many of the last failures, in a row, looked final. */
  readonly refusals: number;
  /** When it is tried next, epoch ms; 0 while an answer is outstanding. */
  readonly retryAt: number;
}

/** Why somebody is paged. Times and people are still values in it: who sends the page puts the names in. */
export interface PageCause {
  /** What kind of call it is, for the head of the line: `rollback failed`. Empty for an ordinary one. */
  readonly kind: Text;
  /** A sentence without its full stop: `Ana Ruiz asks for you: image missing`. */
  readonly why: Text;
  /** The person whose act it was; null: an alert's, or time's. */
  readonly calledBy: string | null;
}

/** The last page beside the escalation that somebody got. */
export interface PersonalCall {
  /** Epoch ms. */
  readonly at: number;
  readonly reason: PageReason;
  readonly why: Text;
}

export interface PageRequest {
  /** Its number in the incident. */
  readonly n: number;
  readonly reason: PageReason;
  /** Absent from requests of 0.2.0. */
  readonly cause?: PageCause;
  readonly cycle: number;
  readonly targets: readonly PageTarget[];
  /** Which of a person's methods, from 0; `all`: every one at once. */
  readonly method: number | 'all';
  /** Names that this request must not page, whichever level they are in. */
  readonly except: readonly string[];
  readonly dueAt: number;
  /** Of the call that it belongs to; absent: of none. */
  readonly call?: number;
  /** It starts a level of the escalation: if it reaches nobody, the next level starts at once. */
  readonly startsLevel: boolean;
  /** Keys that were accepted already, when the request is sent again. */
  readonly accepted: readonly string[];
  /** Keys that were given up. Absent, like the next two, until a call has returned with something unsettled. */
  readonly givenUp?: readonly string[];
  readonly unsettled?: readonly UnsettledPage[];
  /** When its first call was made, epoch ms. */
  readonly triedSince?: number;
  /** Of a storm: the groups that this page names. */
  readonly groups?: readonly StormGroup[];
}

/** The e-mails to stakeholders, by their names in `templates:`. */
export type StakeholderUpdateTemplate = `${'internal' | 'external'}Mail${'' | 'Update' | 'Resolved'}`;

/** With what the configuration's own text under the name `template` needs, where it has one. */
export interface TemplatedText {
  readonly template?: string;
  readonly textValues?: TextValues;
  /** A stakeholder update to the outside that nobody has sent: shown below the text. */
  readonly draft?: { readonly template: StakeholderUpdateTemplate; readonly textValues: TextValues };
}

/** A post in the incident's chat. `about` is the event that caused it. */
export interface PostEntry extends TemplatedText {
  readonly n: number;
  readonly at: number;
  readonly about: string;
  readonly text: Text;
  /** In the releases channel too: announced there, or in that announcement's thread. */
  readonly releases: 'announce' | 'thread' | null;
}

/** An entry for the public page. */
export interface PublicPageEntry extends TemplatedText {
  readonly n: number;
  readonly at: number;
  readonly state: PublicState;
  readonly text: string;
  readonly nextUpdateAt: number | null;
  /** Number of the entry whose place it takes. */
  readonly renews?: number;
}

/** A message to people that pages nobody: "Ana has it", a reminder, a question. */
export interface NoticeEntry extends TemplatedText {
  readonly n: number;
  readonly at: number;
  readonly about: string;
  readonly to: readonly string[];
  readonly except: readonly string[];
  /** Told in their place when nobody of `to` is in the configuration any more. */
  readonly fallbackTo?: readonly string[];
  readonly text: Text;
}

/** A stakeholder update to stakeholders, who are not paged. Always made from a template. */
export interface StakeholderUpdateEntry {
  readonly n: number;
  readonly at: number;
  readonly about: string;
  /** Names of stakeholders. */
  readonly to: readonly string[];
  readonly template: StakeholderUpdateTemplate;
  readonly textValues: TextValues;
}

export type TicketAction = 'open' | 'comment' | 'close' | 'reopen';

/** An entry of the ticket, the single record for outsiders. */
export interface TicketOutboxEntry extends TemplatedText {
  readonly n: number;
  readonly at: number;
  readonly action: TicketAction;
  readonly text: Text;
}

/** Acknowledges or resolves the alarms that pages raised at vendors that escalate by themselves. */
export interface AlarmEntry {
  readonly n: number;
  readonly at: number;
  readonly action: 'acknowledge' | 'resolve';
}

/** A group that leaves a storm and must get an incident of its own. */
export interface SplitEntry {
  readonly n: number;
  readonly at: number;
  readonly by: string;
  readonly group: StormGroup;
  readonly alerts: readonly AlertReport[];
  /** Of its alerts. */
  readonly source: string;
  readonly staleAfterMs: number;
}

/** The outbox queues of notifications, which page nobody. Each is delivered in order, independently of the others. */
export const NOTIFICATIONS = ['posts', 'publicEntries', 'notices', 'tickets', 'alarms', 'stakeholderUpdates'] as const;
export type Notification = (typeof NOTIFICATIONS)[number];

export interface Outbox {
  readonly pages: readonly PageRequest[];
  readonly posts: readonly PostEntry[];
  readonly publicEntries: readonly PublicPageEntry[];
  readonly notices: readonly NoticeEntry[];
  readonly tickets: readonly TicketOutboxEntry[];
  readonly alarms: readonly AlarmEntry[];
  readonly stakeholderUpdates?: readonly StakeholderUpdateEntry[];
  readonly splits?: readonly SplitEntry[];
  /** For other incidents, when one is merged into another: they stay with the run. */
  readonly mergeMessages?: readonly MergeMessageEntry[];
  /** Number of the last entry, of any kind. */
  readonly lastNumber: number;
}

export const EMPTY_OUTBOX: Outbox = {
  pages: [],
  posts: [],
  publicEntries: [],
  notices: [],
  tickets: [],
  alarms: [],
  lastNumber: 0,
};

/** Keys of notices and stakeholder updates; every other key is a page, by the escalation or as a fallback. */
const ONLY_TELLS = /^[^/]+\/(?:notice|stakeholder-update)\//;

/** Whether it was a page: something that wants an answer. */
export const isPage = ({ key }: { readonly key: string }): boolean => !ONLY_TELLS.test(key);
