/**
 * What the activities need from the world. A port is a need; a provider is a vendor. Implementations throw
 * `DeliveryError` (see failures.ts) and nothing else on purpose.
 */
import type { PublicState } from '../domain/commands.ts';
import type { PagedIncident } from '../domain/paged-incident.ts';
import type { Policy } from '../domain/policy.ts';

/** One message to one person by one method: the body of a webhook contact. */
export interface Page {
  /** Same key, same page: a provider must treat a repeat as nothing new. */
  readonly key: string;
  readonly kind: 'page' | 'notice' | 'test';
  /** A `PageReason` for pages; for notices what happened (`acknowledged`, `cleared` …). */
  readonly reason: string;
  readonly to: string;
  readonly level: number;
  readonly round: number;
  readonly attempt: number;
  /** How long after its due time it leaves, ms; 0 when on time. */
  readonly lateByMs: number;
  /** One line for a lock screen. */
  readonly text: string;
  /** With its address in the console. */
  readonly incident: PagedIncident & { readonly url: string };
  readonly acknowledgeUrl: string;
}

/** One way to reach one person. Resolves when the vendor has accepted the page, not when a person has seen it. */
export interface Contact {
  /** `webhook`, `terminal` …; with `-2`, `-3` when a person has several of a kind. */
  readonly method: string;
  /** Quiet methods (chat, mail) make no noise. */
  readonly quiet: boolean;
  /** `signal` aborts when the activity is cancelled. */
  send(page: Page, signal: AbortSignal): Promise<void>;
}

/** Who people are and who is on call: asked when it is used, never frozen. */
export interface Directory {
  /** People behind a name of the policy (`onCall`, a person, a team, a schedule) at a time. `known: false`: the name is gone. */
  resolve(name: string, team: string, at: number): { readonly known: boolean; readonly people: readonly string[] };
  /** A person's methods in order of preference; empty when the person is unknown or has none. */
  contacts(person: string): readonly Contact[];
  /** What to call a person in a message. */
  displayName(person: string): string;
  /** True while `person` does not want to be disturbed by anything short of a SEV1/2. */
  isQuiet(person: string, at: number): boolean;
}

/** A message for the incident's channel and the team's chat. */
export interface ChatPost {
  readonly key: string;
  /** Where: the team's channel; the incident's own comes with it. */
  readonly team: string;
  readonly workflowId: string;
  readonly episode: string;
  readonly at: number;
  readonly text: string;
}

export interface Chat {
  post(post: ChatPost, signal: AbortSignal): Promise<void>;
}

/** An entry of the public page. Holds only what was written for the public. */
export interface PublicEntry {
  readonly key: string;
  readonly episode: string;
  readonly at: number;
  readonly state: PublicState;
  readonly component: string | null;
  readonly text: string;
  readonly nextUpdateAt: number | null;
}

export interface StatusPage {
  publish(entry: PublicEntry, signal: AbortSignal): Promise<void>;
}

/** Signed acknowledge links and the incident's address in the console. */
export interface Links {
  incident(workflowId: string): string;
  acknowledge(link: { workflowId: string; episode: string; person: string; round: number }): string;
}

/** Today's policy for a team, or null when the team is gone. */
export type PolicySource = (team: string) => Policy | null;

export interface Ports {
  readonly directory: Directory;
  readonly chat: Chat;
  readonly statusPage: StatusPage;
  readonly links: Links;
  readonly policyFor: PolicySource;
  /** IANA zone in which times are told, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
  /** True when every search attribute was there at the last look: the workflow upserts none otherwise. */
  searchable(): boolean;
}
