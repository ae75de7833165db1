/**
 * The tables. Times are epoch ms in `bigint`; `json` columns hold text that is read and written here, so that what
 * comes out is what went in. Primary, kept by a rebuild: numbers, counters, the public tables, post-mortems, the audit. The
 * rest is derived.
 */
import type { PublicState } from '../domain/kernel/commands.ts';
import type { MessageKind } from '../domain/engine/projection.ts';
import type { PublicImpact } from '../domain/communications/public-state.ts';
import type { Measured } from './metrics/metric-columns.ts';

export interface Tables {
  /** What an incident is, as of its last revision. */
  readonly incidents: {
    readonly incident_id: string;
    readonly workflow_id: string;
    readonly revision: number;
    /** `IncidentHead` as JSON text. */
    readonly head: string;
    readonly reference: string | null;
    /** Title, number and service in lower case, a line each. */
    readonly search: string;
    readonly severity: string;
    readonly phase: string;
    readonly open: boolean;
    readonly team: string;
    readonly test: boolean;
    readonly restricted: boolean;
    /** `recurrenceOf` of the head. */
    readonly follows: string | null;
    readonly declared_at: number;
    readonly resolved_at: number | null;
  } & Measured;
  readonly numbers: {
    readonly incident_id: string;
    readonly workflow_id: string;
    readonly declared_at: number;
    readonly year: number;
    readonly n: number;
    /** Year and n in words: `INC-2026-007`. */
    readonly reference: string;
  };
  readonly counters: { readonly year: number; readonly last: number };
  /** Channel and ticket ahead of the head. `…_over`: what the head said then; when it says something else, it is newer. */
  readonly learned: {
    readonly incident_id: string;
    readonly channel: string | null;
    readonly channel_over: string | null;
    readonly ticket: string | null;
    readonly ticket_over: string | null;
  };
  readonly timeline: {
    readonly incident_id: string;
    readonly seq: number;
    readonly at: number;
    readonly kind: string;
    readonly by: string | null;
    readonly text: string;
  };
  readonly alerts: {
    readonly incident_id: string;
    readonly fingerprint: string;
    readonly revision: number;
    readonly starts_at: number;
    /** `RecordedAlert` as JSON text. */
    readonly alert: string;
  };
  readonly deliveries: {
    readonly incident_id: string;
    readonly key: string;
    readonly at: number;
    readonly state: 'accepted' | 'failed';
    readonly to: string;
    readonly method: string;
    readonly reason: string | null;
  };
  readonly messages: {
    readonly incident_id: string;
    readonly n: number;
    readonly at: number;
    readonly kind: MessageKind;
    readonly about: string;
    /** Names as a JSON list. */
    readonly to: string;
    readonly text: string;
  };
  readonly public_entries: PublicLast & { readonly text: string };
  /** The last entry of each incident, and when its first was. */
  readonly public_incidents: PublicLast & { readonly started_at: number };
  /** Every version that was kept; `by` null: the draft of the post-incident flow. */
  readonly postmortems: {
    readonly incident_id: string;
    readonly n: number;
    readonly at: number;
    readonly by: string | null;
    readonly text: string;
  };
  readonly audit: {
    readonly id: string;
    readonly at: number;
    readonly subject: string | null;
    readonly workflow_id: string | null;
    readonly incident_id: string | null;
    /** `AuditEntry` as JSON text. */
    readonly entry: string;
  };
  /** Webhook servers that share this database, and when each last said that it is there. */
  readonly servers: { readonly id: string; readonly seen_at: number };
}

interface PublicLast {
  readonly incident_id: string;
  readonly n: number;
  readonly at: number;
  readonly state: PublicState;
  readonly impact: PublicImpact;
  readonly component: string | null;
  readonly next_update_at: number | null;
}
