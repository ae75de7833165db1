/**
 * What the activities need from the world. A port is a need; a provider is a vendor. Implementations throw
 * `DeliveryError` (see failures.ts) and nothing else on purpose, and are bounded in time whatever the vendor does.
 */
import type { PublicState } from '../domain/kernel/commands.ts';
import type { TicketAction } from '../domain/kernel/outbox.ts';
import type { PagedIncident } from '../domain/escalation/page-requests.ts';
import type { Policy } from '../domain/kernel/policy.ts';
import type { PublicImpact } from '../domain/communications/public-state.ts';
import type { Severity } from '../domain/kernel/severity.ts';
import type { TemplateName } from '../domain/communications/templates.ts';
import type { IncidentProjection, ProjectionBatch, RecordedDelivery } from '../domain/engine/projection.ts';
import type { ProjectionAnswer } from '../domain/kernel/projection.ts';
import type { SearchAttributesAnswer } from './types.ts';

/** One message to one person by one method: the body of a webhook contact. */
export interface Page {
  /** Same key, same page: a provider must treat a repeat as nothing new. */
  readonly key: string;
  readonly kind: 'page' | 'notification' | 'test';
  /** A `PageReason` for pages; for notices what happened (`acknowledged`, `cleared` …). */
  readonly reason: string;
  readonly to: string;
  readonly level: number;
  readonly cycle: number;
  readonly attempt: number;
  /** How long after its due time it leaves, ms; 0 when on time. */
  readonly lateByMs: number;
  /** Of a page, one line for a lock screen: how bad it is, what kind of call, what is broken, who asks and why. */
  readonly text: string;
  /** Of that line who asks and why, or since when nobody has answered; empty: a notification. */
  readonly why: string;
  /** The person whose act it was, by their key; null: an alert's, or time's. */
  readonly calledBy: string | null;
  /** With its signed address, and the runbook of its worst alert, else of its service. */
  readonly incident: PagedIncident & { readonly url: string; readonly runbook?: string };
  /** When one page covers several: what it names beside `incident`. */
  readonly incidents?: readonly NamedIncident[];
  readonly acknowledgeUrl: string;
}

/** One of several that a page names. */
export interface NamedIncident {
  readonly workflowId: string;
  readonly title: string;
  readonly severity: Severity;
  readonly service: string | null;
  readonly url: string;
}

/** One way to reach one person. Resolves when the vendor has accepted the page, not when a person has seen it. */
export interface Contact {
  /** `webhook`, `terminal` …; with `-2`, `-3` when a person has several of a kind. */
  readonly method: string;
  /** Quiet methods (chat, mail) make no noise. */
  readonly quiet: boolean;
  /** It rings, and nothing else: notices go by the person's other methods. */
  readonly pagesOnly?: true;
  /** `signal` aborts when the activity is cancelled. */
  send(page: Page, signal: AbortSignal): Promise<void>;
  /**
   * Tells a vendor that escalates by itself that its alarm is answered, or over. `key` is the key of the page that
   * raised it. Absent where a page is only a message.
   */
  settle?(key: string, act: 'acknowledge' | 'resolve', signal: AbortSignal): Promise<void>;
}

/** Who people are and who is on call: asked when it is used, never frozen. */
export interface Directory {
  /**
   * People behind a name of the policy (`onCall`, a person, a team, a schedule) at a time. `isKnown: false`: no such
   * name any more.
   */
  resolve(name: string, team: string, at: number): { readonly isKnown: boolean; readonly people: readonly string[] };
  /** A person's methods in order of preference; empty when the person is unknown or has none. */
  contacts(person: string): readonly Contact[];
  /** What to call a person in a message. */
  displayName(person: string): string;
  /** Until when `person` does not want to be disturbed by anything short of a SEV1/2, epoch ms; null: not now. */
  quietUntil(person: string, at: number): number | null;
}

/** When teams work: asked when it is used, never frozen. A team that is gone works as one that names no hours. */
export interface Calendars {
  /**
   * The first moment from `at` on at which a page that can wait makes noise: `at` itself while the team works, and at
   * any hour when it names no hours.
   */
  audibleFrom(team: string, at: number): number;
  /** The first moment from `at` on at which the team works. */
  nextOpening(team: string, at: number): number;
  /** When business opens on the first business day after the team's local day of `at`. */
  nextBusinessDay(team: string, at: number): number;
  timeZone(team: string): string;
}

/**
 * What vendors call the things they have made for an incident: `slack.channel`, `statuspage.incident` … Kept in the
 * incident's state, so that nothing is made twice. Names belong to the provider that gave them, but for `channel`
 * (what people call it) and `ticket` (where to read it), which everybody sees.
 */
export type Refs = Readonly<Record<string, string>>;

/** The incident a notification is about. */
export interface IncidentContext {
  /** With its number, once it has one, and its address: signed, but not for tickets. */
  readonly incident: PagedIncident & { readonly url: string };
  readonly projection: IncidentProjection;
  /** The runbook wants a channel of its own for it. */
  readonly wantsChannel: boolean;
  /** People who work on it or were paged for it. */
  readonly responders: readonly string[];
  /** What to call a person. */
  readonly nameOf: (person: string) => string;
  /** As of now, with what this call has learned. */
  refs(): Refs;
  /** Keeps what a vendor has just made; also when the call fails afterwards. */
  keepRefs(refs: Refs): void;
}

/** For the public page: without the incident's signed address. */
export type PublicContext = Omit<IncidentContext, 'incident'>;

interface IdempotentMessage {
  /** Same key, same message. */
  readonly key: string;
  readonly at: number;
  /** An earlier call whose answer was lost may have sent it: check before sending it again. */
  readonly mayBeRepeat: boolean;
}

/** A message for the incident's channel, or the team's while it has none. */
export interface ChatPost extends IdempotentMessage {
  /** The event that caused it. */
  readonly about: string;
  readonly text: string;
  /** In the releases channel too: as its announcement there, or in that announcement's thread. */
  readonly releases: 'announce' | 'thread' | null;
  /** Of the announcement: other words than the chat's own. */
  readonly announcement?: string;
}

export interface Chat {
  post(post: ChatPost, context: IncidentContext, signal: AbortSignal): Promise<void>;
  /** Brings what is pinned up to date: topic and summary. Called after the posts of a call. */
  updatePinned?(context: IncidentContext, signal: AbortSignal): Promise<void>;
}

/** An entry of the public page. Holds only what was written for the public. */
export interface PublicEntry extends IdempotentMessage {
  readonly incidentId: string;
  /** Its number in the incident, or that of the entry it renews: entries are shown in this order. */
  readonly n: number;
  /** It takes the place of an earlier entry: nobody is notified again. */
  readonly renews: boolean;
  readonly state: PublicState;
  /** From the highest severity reached. */
  readonly impact: PublicImpact;
  /** What the public calls what is broken. */
  readonly component: string | null;
  readonly text: string;
  readonly nextUpdateAt: number | null;
}

export interface StatusPage {
  publish(entry: PublicEntry, context: PublicContext, signal: AbortSignal): Promise<void>;
}

/** Something to write into the incident's ticket. */
export interface TicketEntry extends IdempotentMessage {
  readonly action: TicketAction;
  readonly text: string;
}

export interface Tickets {
  write(entry: TicketEntry, context: IncidentContext, signal: AbortSignal): Promise<void>;
}

/** A stakeholder update by one of its ways. It asks nobody to answer, so it never has a link to acknowledge. */
export type StakeholderUpdate = IdempotentMessage & {
  /** The stakeholder's name. */
  readonly to: string;
  /** Stakeholder updates of the same thread belong together. */
  readonly thread: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
} & (
    | {
        readonly audience: 'internal';
        readonly incident: Pick<
          PagedIncident,
          'id' | 'reference' | 'workflowId' | 'severity' | 'title' | 'phase' | 'team' | 'service'
        > & { readonly url: string };
      }
    /** Nothing but what was written for everybody. */
    | { readonly audience: 'external'; readonly incident: { readonly component: string; readonly state: string } }
  );

export interface StakeholderContact {
  /** `email`, `slack-2` …: in keys and deliveries. */
  readonly method: string;
  send(stakeholderUpdate: StakeholderUpdate, signal: AbortSignal): Promise<void>;
}

/** What the configuration says instead of the built-in words. */
export interface TextSettings {
  readonly organization: string;
  /** Where the public looks; null: nowhere. */
  readonly statusPage: string | null;
  /** Texts with placeholders; checked when they were read. */
  readonly templates: ReadonlyMap<TemplateName, string>;
  /** A template could not be used. Must not throw. */
  readonly warn: (template: TemplateName, err: unknown) => void;
}

/** Addresses in messages. */
export interface Links {
  /**
   * The incident's page, signed: anyone with the link can read it. For our own people only, never for the public, mail
   * to the outside or the records.
   */
  incident(incident: Pick<PagedIncident, 'workflowId' | 'id'>): string;
  /** The same page, for those who can sign in. */
  incidentUnsigned(workflowId: string): string;
  /** The runbook of a service; null: it has none. */
  runbook(service: string | null): string | null;
  /** Signed: anyone with the link can acknowledge as that person. */
  acknowledge(link: { workflowId: string; incidentId: string; person: string; cycle: number }): string;
}

/** Today's policy for a team (and who owns the escalation of that service), or null when the team is gone. */
export type PolicySource = (team: string, service: string | null) => Policy | null;

/** The read side. Both throw when the database does not take it. */
export interface RecordsPort {
  /** Whole or not at all; the same again changes nothing. Gives the incident its number when it has none. */
  project(batch: ProjectionBatch): Promise<ProjectionAnswer>;
  /** What a call has just learned, ahead of the batch that will say it again. */
  projectEarly(changes: {
    readonly incidentId: string;
    readonly deliveries: readonly RecordedDelivery[];
    readonly channel: string | null;
    readonly ticket: string | null;
  }): Promise<void>;
  /** Writes the export of a resolved incident and the draft of its post-mortem, from what the records have. */
  prepare(incidentId: string): Promise<void>;
  /** Writes the whole record of a closed incident to a file of its own, for ever. */
  archive(incidentId: string): Promise<void>;
}

/** A monitoring system that can be asked what fires there now. */
export interface AlertSource {
  /** Fingerprints of everything that fires, silenced and inhibited alerts too. Throws `DeliveryError`. */
  firing(signal: AbortSignal): Promise<ReadonlySet<string>>;
}

/** A place outside that can keep evidence: logs, metrics, recordings of the time of an incident. */
export interface EvidenceHook {
  /** Resolves when the hook has accepted the call. Throws `DeliveryError`. */
  gather(call: EvidenceCall, signal: AbortSignal): Promise<void>;
}

/** The body of an evidence hook. */
export interface EvidenceCall {
  /** Same key, same evidence: a repeat must be nothing new. */
  readonly key: string;
  readonly incident: Pick<PagedIncident, 'id' | 'reference' | 'workflowId' | 'severity' | 'title' | 'team' | 'service'>;
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
  /** The incident's address, for those who can sign in. */
  readonly url: string;
}

/** Counts tries of pages; tests and self-checks are left out. */
export interface PageMetrics {
  /** `latencyMs`: of accepted pages, since what people have waited for; null: unknown. */
  tried(method: string, result: 'accepted' | 'retrying' | 'failed', latencyMs: number | null): void;
}

export interface Ports {
  readonly directory: Directory;
  readonly calendars: Calendars;
  /** The sources that can be asked, by name. */
  readonly alertSources: ReadonlyMap<string, AlertSource>;
  /** Places that keep evidence, by name. */
  readonly evidence: ReadonlyMap<string, EvidenceHook>;
  readonly chat: Chat;
  readonly statusPage: StatusPage;
  readonly tickets: Tickets;
  /** Ways to a stakeholder; none when the name is gone. */
  readonly stakeholders: { readonly contacts: (name: string) => readonly StakeholderContact[] };
  readonly textSettings: TextSettings;
  readonly records: RecordsPort;
  readonly links: Links;
  readonly policyFor: PolicySource;
  readonly pageMetrics: PageMetrics;
  /** IANA zone in which times are shown, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
  /** What the server had at the last look: the workflow upserts no others. */
  searchAttributes(): SearchAttributesAnswer;
}
