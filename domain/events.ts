/**
 * What can happen to an incident. Events are facts, in the past tense; the timeline is made of them. Those in
 * `SILENT` move the state without a line of their own. Pure.
 */
import type { AlertReport, StormGroup } from './alert.ts';
import type { PublicState, Role } from './commands.ts';
import type { Opening } from './opening.ts';
import type { PageReason } from './orders.ts';
import type { Delivery } from './incident.ts';
import type { Numbered } from './record.ts';
import type { Severity } from './severity.ts';

export type Audience = 'internal' | 'public';

/** A delivery of a page; `level` is the target's it came from. */
export type PageDelivery = Delivery & { readonly level: number };

export type IncidentEvent = { readonly at: number } & (
  | { readonly type: 'declared'; readonly opening: Opening }
  | {
      readonly type: 'alerts-fired';
      readonly alerts: readonly AlertReport[];
      readonly staleAfterMs: number;
      /** Which source said so; absent: the incident's own. */
      readonly source?: string;
    }
  | {
      readonly type: 'alerts-cleared';
      readonly alerts: readonly Pick<AlertReport, 'fingerprint' | 'startsAt' | 'endsAt'>[];
    }
  /** Not heard of for too long, and their source (`answer`) does not have them, or did not say. */
  | {
      readonly type: 'alerts-stale';
      readonly source: string;
      readonly fingerprints: readonly string[];
      readonly answer: 'gone' | 'unknown';
      /** Those that were not stale before: each firing of an alert is said to be stale once. */
      readonly news: readonly string[];
      /** How long the first of them has not been heard of, ms. */
      readonly silentMs: number;
    }
  | { readonly type: 'alerts-seen'; readonly fingerprints: readonly string[]; readonly truncated: number }
  | { readonly type: 'groups-joined'; readonly groups: readonly StormGroup[] }
  /** Those who joined since the last page are named in one. */
  | { readonly type: 'storm-named'; readonly dueAt: number }
  | {
      readonly type: 'split-off';
      readonly by: string;
      readonly group: StormGroup;
      readonly fingerprints: readonly string[];
    }
  | { readonly type: 'split-done'; readonly order: number }
  /** The edge paged by itself while Temporal was away. */
  | { readonly type: 'paged-by-edge'; readonly deliveries: readonly Delivery[]; readonly episodes: readonly string[] }
  | {
      readonly type: 'level-begun';
      readonly pass: number;
      readonly round: number;
      readonly level: number;
      readonly together: boolean;
      readonly reason: PageReason;
      readonly dueAt: number;
      readonly nextLevelAt: number;
    }
  | { readonly type: 'level-extended'; readonly nextLevelAt: number }
  | { readonly type: 'ladder-stepped'; readonly dueAt: number }
  | {
      readonly type: 'paged';
      readonly order: number;
      readonly deliveries: readonly PageDelivery[];
      readonly methods: number;
      readonly unknown: readonly string[];
      readonly again: boolean;
    }
  | { readonly type: 'page-failed'; readonly order: number; readonly reason: string; readonly again: boolean }
  | { readonly type: 'nobody-there'; readonly level: number; readonly why: string }
  | { readonly type: 'chain-exhausted'; readonly round: number; readonly last: boolean }
  | { readonly type: 'acknowledged'; readonly by: string }
  | { readonly type: 'seen'; readonly by: string }
  | { readonly type: 'declined'; readonly by: string }
  | { readonly type: 'escalated'; readonly by: string; readonly to: string | null; readonly reason: string }
  | { readonly type: 'role-assigned'; readonly by: string; readonly role: Role; readonly person: string }
  | {
      readonly type: 'severity-changed';
      readonly by: string | null;
      readonly from: Severity;
      readonly to: Severity;
      readonly reason: string;
    }
  | {
      readonly type: 'update-posted';
      readonly by: string;
      readonly text: string;
      readonly audience: Audience;
      readonly status: PublicState | null;
    }
  | { readonly type: 'update-reminded'; readonly audiences: readonly Audience[]; readonly dueAt: number }
  | { readonly type: 'update-missed'; readonly audiences: readonly Audience[]; readonly dueAt: number }
  | { readonly type: 'public-begun'; readonly why: string }
  | { readonly type: 'note-added'; readonly by: string; readonly text: string }
  | {
      readonly type: 'mitigation-decided';
      readonly by: string;
      readonly decision: 'rollback' | 'fix-forward';
      readonly action: string | null;
      readonly reason: string | null;
    }
  | {
      readonly type: 'mitigation-reported';
      readonly by: string;
      readonly outcome: 'worked' | 'failed';
      readonly text: string | null;
    }
  | { readonly type: 'alerts-ignored'; readonly by: string; readonly fingerprints: readonly string[] }
  | { readonly type: 'watch-opened'; readonly by: string | null; readonly resolution: string | null }
  | { readonly type: 'resolve-confirmed'; readonly by: string; readonly resolution: string }
  | { readonly type: 'confirmation-asked' }
  | { readonly type: 'recurred'; readonly titles: readonly string[] }
  | { readonly type: 'reopened'; readonly by: string; readonly reason: string }
  | { readonly type: 'resolved' }
  | { readonly type: 'false-alarm-declared'; readonly by: string; readonly reason: string }
  | { readonly type: 'closed'; readonly by: string | null; readonly reason: string | null }
  | { readonly type: 'test-ended' }
  | {
      readonly type: 'told';
      readonly orders: readonly number[];
      readonly deliveries: readonly Delivery[];
      /** What vendors have made meanwhile. */
      readonly refs: Readonly<Record<string, string>>;
      /** The records have everything up to this revision; null: they were not asked, or did not take it. */
      readonly recorded: number | null;
      readonly numbered: Numbered | null;
    }
  | {
      readonly type: 'courtesy-failed';
      readonly what: string;
      readonly reason: string;
      /** It will not be tried again. */
      readonly givenUp: boolean;
    }
  | { readonly type: 'answered'; readonly requestId: string; readonly changed: boolean; readonly text: string }
  | { readonly type: 'command-refused'; readonly by: string; readonly command: string; readonly reason: string }
  | { readonly type: 'policy-moved'; readonly policy: Opening['policy']; readonly by: string | null }
);

export type EventType = IncidentEvent['type'];
export type EventOf<T extends EventType> = Extract<IncidentEvent, { type: T }>;

/** Bookkeeping: no line on the timeline. */
export const SILENT: readonly EventType[] = [
  'alerts-seen',
  'storm-named',
  'split-done',
  'level-begun',
  'level-extended',
  'ladder-stepped',
  'told',
  'answered',
];
