/**
 * The read side: a projection of every incident in SQL. Consoles, lists, exports, numbers and the built-in status page
 * read it; nobody who pages ever waits for it. Every call is bounded in time and throws `RecordsDown` when the
 * database is away. What goes in comes out, but for NUL characters and halves of surrogate pairs, which no database
 * takes: they become U+2400 and U+FFFD.
 */
import type { PublicState } from '../domain/kernel/commands.ts';
import type { PublicImpact } from '../domain/communications/public-state.ts';
import type {
  AssignedReference,
  ProjectionBatch,
  RecordedDelivery,
  RecordedOutboundMessage,
} from '../domain/engine/projection.ts';
import type { Severity } from '../domain/kernel/severity.ts';
import type { IncidentView, TimelineEntryView, TimelineView } from '../domain/engine/view.ts';
import type { AuditEntry, AuditPage, AuditQuery } from './audit.ts';
import type { DocumentFormat } from './documents/document-format.ts';
import type { Metrics, MetricsQuery } from './metrics/metrics.ts';
import type { NewPostmortem, Postmortem, WrittenPostmortem } from './postmortems.ts';

export type { AuditEntry, AuditPage, AuditQuery };
export type * from './metrics/metrics.ts';
export type { NewPostmortem, Postmortem, WrittenPostmortem };

/** `starting`: the first try is under way; `down`: not reached, and tried again for ever. */
export type RecordsState = 'starting' | 'up' | 'down';

export interface RecordsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type RecordsSettings = ({ readonly databaseUrl: string } | { readonly directory: string }) & {
  /** IANA zone of the organization: the year of a number is its year. A function is asked each time. */
  readonly timeZone: string | (() => string);
  /** Where closed incidents are kept, one file each. Made when needed. */
  readonly archiveDirectory: string;
  /** Where the exports of incidents that are over are kept, three files each. Made when needed. */
  readonly exportDirectory: string;
  readonly log: RecordsLog;
};

/** What a call has just learned, ahead of the batch that will say it again. */
export interface EarlyProjection {
  readonly incidentId: string;
  readonly deliveries: readonly RecordedDelivery[];
  readonly channel: string | null;
  readonly ticket: string | null;
}

/** What an id stands for. */
export interface IncidentMatch {
  readonly workflowId: string;
  readonly incidentId: string;
  /** `INC-YYYY-NNN`; null for tests. */
  readonly reference: string | null;
  /** 0 while the records have its number and nothing else (a rebuild is under way). */
  readonly stateVersion: number;
  /** The last line that the records have. */
  readonly seq: number;
}

export interface ListQuery {
  readonly open?: boolean;
  readonly severity?: Severity;
  readonly team?: string;
  /** False leaves restricted incidents out, for eyes that may not see them. */
  readonly restricted?: boolean;
  /** False leaves tests out. */
  readonly test?: boolean;
  /** Part of title, number or service, in any case. */
  readonly q?: string;
  /** `next` of the page before. */
  readonly cursor?: string;
  /** 1 to 200; 50 unless said. */
  readonly limit?: number;
}

export interface IncidentPage {
  /** Newest declaration first. */
  readonly incidents: readonly IncidentView[];
  /** Null at the end. */
  readonly next: string | null;
}

/** Everything that is known of one incident. */
export interface WholeRecord {
  readonly incident: IncidentView;
  readonly timeline: readonly TimelineEntryView[];
  /** Lines missing in front. */
  readonly cut: number;
  readonly messages: readonly RecordedOutboundMessage[];
  /** The last that were resolved in the same place before this one was declared, newest first: five at the most. */
  readonly earlier: readonly EarlierIncident[];
}

export interface EarlierIncident {
  readonly reference: string | null;
  readonly title: string;
  /** The worst it reached. */
  readonly severity: Severity;
  readonly declaredAt: string;
  readonly resolvedAt: string | null;
  readonly resolution: string | null;
}

/** An entry of the public page: nothing but what was written for the public. Times in epoch ms. */
export interface PublicUpdate {
  readonly incidentId: string;
  /** Its number in the incident. */
  readonly n: number;
  readonly at: number;
  readonly state: PublicState;
  readonly impact: PublicImpact;
  readonly component: string | null;
  readonly text: string;
  readonly nextUpdateAt: number | null;
}

/** An incident of the public page; state, impact, component and promise are its last entry's. Times in epoch ms. */
export interface PublicIncident {
  readonly incidentId: string;
  readonly state: PublicState;
  readonly impact: PublicImpact;
  readonly component: string | null;
  readonly nextUpdateAt: number | null;
  /** Its first and its last entry. */
  readonly startedAt: number;
  readonly updatedAt: number;
  /** Newest first. */
  readonly updates: readonly {
    readonly n: number;
    readonly at: number;
    readonly state: PublicState;
    readonly text: string;
  }[];
}

export interface Records {
  /** Resolves when the database is there and migrated; rejects when closed before. Nobody has to wait for it. */
  ready(): Promise<void>;
  state(): RecordsState;
  /** Since when the database has answered without a break, epoch ms; null while it does not. */
  upSince(): number | null;
  /** Bounded: within 5 s, whatever the database does. */
  close(): Promise<void>;

  /** Whole or not at all; the same again changes nothing. Gives the incident its number when it has none. */
  project(batch: ProjectionBatch): Promise<AssignedReference>;
  projectEarly(early: EarlyProjection): Promise<void>;
  /** Writes the whole record to `<archiveDirectory>/<number or incident>.json`, fsynced. Throws when there is none. */
  archive(incidentId: string): Promise<void>;
  /**
   * What the post-incident flow owes: exports as `<exportDirectory>/<number or incident>.{json,yaml,md}`, fsynced, and the draft of
   * the post-mortem, unless a person has written one. Throws when there is no record. Again: the same.
   */
  prepare(incidentId: string, telling: DocumentFormat): Promise<void>;
  /** Empties what a rebuild writes anew. Numbers and public entries stay. */
  wipeDerived(): Promise<void>;

  /** `INC-YYYY-NNN`, `INC-NNN` (the newest open one, else this year's, else the last), an id, or a workflow id (its newest incident). */
  findIncident(id: string): Promise<IncidentMatch | null>;
  incident(incidentId: string): Promise<IncidentView | null>;
  /** The last line that the records have; 0 when none. */
  seqOf(incidentId: string): Promise<number>;
  timeline(incidentId: string): Promise<TimelineView | null>;
  messages(incidentId: string): Promise<readonly RecordedOutboundMessage[]>;
  record(incidentId: string): Promise<WholeRecord | null>;
  /** A version of a person; those before are kept. */
  writePostmortem(postmortem: NewPostmortem): Promise<WrittenPostmortem>;
  /** The last that a person wrote; null when nobody has. */
  postmortem(incidentId: string): Promise<Postmortem | null>;
  /** Throws `BadCursor`. */
  list(query: ListQuery): Promise<IncidentPage>;
  /** What many incidents come to. */
  metrics(query: MetricsQuery): Promise<Metrics>;

  /** A line whose id is there already changes nothing. */
  writeAudit(entries: readonly AuditEntry[]): Promise<void>;
  /** Throws `BadCursor`. */
  readAudit(query: AuditQuery): Promise<AuditPage>;

  /** The same (incident, n) again changes nothing. */
  publish(update: PublicUpdate): Promise<void>;
  publicEntries(incidentId: string): Promise<readonly PublicUpdate[]>;
  /** What the public page shows: everything not resolved, and what was resolved since `since` (epoch ms). Newest first. */
  publicPage(query: { readonly since: number }): Promise<readonly PublicIncident[]>;

  /** Says that this webhook server is there; answers how many were within the last minute, itself among them. */
  registerServer(server: string): Promise<number>;
}
