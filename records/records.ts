/**
 * The read side: a projection of every incident in SQL. Consoles, lists, exports, numbers and the built-in status page
 * read it; paging never waits for it. Every call is bounded in time and throws `RecordsDown` when the database is away.
 * Texts come back as they were written, except for NUL and halves of surrogate pairs, which become U+2400 and U+FFFD.
 */
import type { PublicState } from '../domain/kernel/commands.ts';
import type { PublicImpact } from '../domain/communications/public-state.ts';
import type { ProjectionBatch, RecordedDelivery, RecordedOutboundMessage } from '../domain/engine/projection.ts';
import type { ProjectionAnswer } from '../domain/kernel/projection.ts';
import type { Severity } from '../domain/kernel/severity.ts';
import type { IncidentView, TimelineEntryView, TimelineView } from '../domain/engine/view.ts';
import type { AuditEntry, AuditPage, AuditQuery } from './audit.ts';
import type { DocumentFormat } from './documents/document-format.ts';
import type { Metrics, MetricsQuery } from './metrics/metrics.ts';
import type { NewPostmortem, Postmortem, WrittenPostmortem } from './postmortems.ts';

export type { AuditEntry, AuditPage, AuditQuery };
export type * from './metrics/metrics.ts';
export type { NewPostmortem, Postmortem, WrittenPostmortem };

/** `starting`: the first attempt to connect is under way; `down`: unreachable, and retried for ever. */
export type RecordsState = 'starting' | 'up' | 'down';

export interface RecordsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export type RecordsSettings = ({ readonly databaseUrl: string } | { readonly directory: string }) & {
  /** IANA zone of the organization, for the year in a reference. A function is called each time. */
  readonly timeZone: string | (() => string);
  /** For closed incidents, one file each. Created when needed. */
  readonly archiveDirectory: string;
  /** For exports of incidents that are over, three files each. Created when needed. */
  readonly exportDirectory: string;
  readonly log: RecordsLog;
};

/** What a call has just done, ahead of the batch that will contain it. */
export interface EarlyProjection {
  readonly incidentId: string;
  readonly deliveries: readonly RecordedDelivery[];
  readonly channel: string | null;
  readonly ticket: string | null;
}

/** The incident that a name stands for. */
export interface IncidentMatch {
  readonly workflowId: string;
  readonly incidentId: string;
  /** `INC-YYYY-NNN`; null for tests. */
  readonly reference: string | null;
  /** 0 while the records have only its number (during a rebuild). */
  readonly stateVersion: number;
  /** The last timeline entry that the records have. */
  readonly seq: number;
}

export interface AlertOwnersQuery {
  readonly source: string;
  /** The first 2,000 count. */
  readonly fingerprints: readonly string[];
  /** Also every alert whose last message was of this group; null: of none. */
  readonly messageGroup: string | null;
}

/** A run that knows the alert: of an open incident, or of one that is over and still waits for late reports. */
export interface AlertOwner {
  readonly fingerprint: string;
  readonly workflowId: string;
  /** Its alertname there, where that is known. */
  readonly name?: string;
}

/** An alert that is known now, with its source and the message groups that it was reported in. */
export interface KnownAlertOwner extends AlertOwner {
  readonly source: string;
  readonly messageGroups: readonly string[];
}

export interface ListQuery {
  readonly open?: boolean;
  readonly severity?: Severity;
  readonly team?: string;
  /** False leaves out restricted incidents, for readers who may not see them. */
  readonly restricted?: boolean;
  /** False leaves out tests. */
  readonly test?: boolean;
  /** Part of the title, reference or service, in any case. */
  readonly q?: string;
  /** `next` of the previous page. */
  readonly cursor?: string;
  /** 1 to 200; default 50. */
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
  /** How many entries are missing at the beginning. */
  readonly cut: number;
  readonly messages: readonly RecordedOutboundMessage[];
  /** The last five incidents of the same group that were resolved before this one was declared, newest first. */
  readonly earlier: readonly EarlierIncident[];
}

export interface EarlierIncident {
  readonly reference: string | null;
  readonly title: string;
  /** The highest it reached. */
  readonly severity: Severity;
  readonly declaredAt: string;
  readonly resolvedAt: string | null;
  readonly resolution: string | null;
}

/** An entry of the public page: only what was written for the public. Times in epoch ms. */
export interface PublicUpdate {
  readonly incidentId: string;
  /** Its number within the incident. */
  readonly n: number;
  readonly at: number;
  readonly state: PublicState;
  readonly impact: PublicImpact;
  readonly component: string | null;
  readonly text: string;
  readonly nextUpdateAt: number | null;
}

/** An incident of the public page. State, impact, component and next update are from its last entry. Times in epoch ms. */
export interface PublicIncident {
  readonly incidentId: string;
  readonly state: PublicState;
  readonly impact: PublicImpact;
  readonly component: string | null;
  readonly nextUpdateAt: number | null;
  /** The times of its first and last entry. */
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
  /** Resolves when the database is connected and migrated; rejects when closed before that. Nothing has to wait for it. */
  ready(): Promise<void>;
  state(): RecordsState;
  /** Since when the database has been connected without a break, epoch ms; null while it is not. */
  upSince(): number | null;
  /** Takes at most 5 s. */
  close(): Promise<void>;

  /** Writes all of it or nothing; writing it again changes nothing. Gives the incident a number when it has none, and says which others have its alerts. */
  project(batch: ProjectionBatch): Promise<ProjectionAnswer>;
  projectEarly(early: EarlyProjection): Promise<void>;
  /** Writes the whole record to `<archiveDirectory>/<reference or id>.json`, fsynced. Throws when there is no record. */
  archive(incidentId: string): Promise<void>;
  /**
   * For the post-incident flow: writes exports to `<exportDirectory>/<reference or id>.{json,yaml,md}`, fsynced, and keeps a
   * draft of the post-mortem unless a person has written one. Can be repeated. Throws when there is no record.
   */
  prepare(incidentId: string, format: DocumentFormat): Promise<void>;
  /** Empties the tables that a rebuild fills again. Numbers and public entries stay. */
  wipeDerived(): Promise<void>;

  /** By `INC-YYYY-NNN`, `INC-NNN` (the newest open one, else this year's, else the last), id, or workflow id (the newest). */
  findIncident(id: string): Promise<IncidentMatch | null>;
  /** Whom to tell about alerts: one statement of at most 200 ms, and at most 2,000 names. Throws `RecordsDown`. */
  findAlertOwners(query: AlertOwnersQuery): Promise<readonly AlertOwner[]>;
  /** Every alert that is known now, of all sources; at most `limit`. One statement of at most 200 ms. Throws `RecordsDown`. */
  allAlertOwners(limit: number): Promise<readonly KnownAlertOwner[]>;
  incident(incidentId: string): Promise<IncidentView | null>;
  /** The last timeline entry that the records have; 0 when there is none. */
  seqOf(incidentId: string): Promise<number>;
  timeline(incidentId: string): Promise<TimelineView | null>;
  messages(incidentId: string): Promise<readonly RecordedOutboundMessage[]>;
  record(incidentId: string): Promise<WholeRecord | null>;
  /** Adds a version written by a person; earlier versions are kept. */
  writePostmortem(postmortem: NewPostmortem): Promise<WrittenPostmortem>;
  /** The last version that a person wrote; null when there is none. */
  postmortem(incidentId: string): Promise<Postmortem | null>;
  /** Throws `BadCursor`. */
  list(query: ListQuery): Promise<IncidentPage>;
  /** Figures over many incidents. */
  metrics(query: MetricsQuery): Promise<Metrics>;

  /** An entry with a known id changes nothing. */
  writeAudit(entries: readonly AuditEntry[]): Promise<void>;
  /** Throws `BadCursor`. */
  readAudit(query: AuditQuery): Promise<AuditPage>;

  /** Publishing the same (incident, n) again changes nothing, unless it is later: then it is renewed. */
  publish(update: PublicUpdate): Promise<void>;
  publicEntries(incidentId: string): Promise<readonly PublicUpdate[]>;
  /** Everything unresolved, and what was resolved since `since` (epoch ms), newest first. */
  publicPage(query: { readonly since: number }): Promise<readonly PublicIncident[]>;

  /** Notes that this webhook server is running; resolves with how many reported within the last minute, itself included. */
  registerServer(server: string): Promise<number>;
}
