/** What is measured of an incident, in columns of their own, so that thousands are counted without reading them. Pure. */
import type { IncidentProjection } from '../../domain/engine/projection.ts';

/** Times in epoch ms. */
export interface Measured {
  readonly outcome: string | null;
  readonly highest_severity: string;
  readonly detected_at: number | null;
  readonly acknowledged_at: number | null;
  readonly mitigated_at: number | null;
  /** When its acknowledgement was promised for. */
  readonly acknowledge_due_at: number | null;
  readonly users_affected: number | null;
  /** As it was written. */
  readonly revenue_lost: string | null;
  readonly people: number | null;
  readonly postmortem_due_at: number | null;
  readonly postmortem_done_at: number | null;
}

export function measured(head: IncidentProjection): Measured {
  const { outcome, highestSeverity, impact, postmortem, peopleInvolved } = head;
  return {
    outcome,
    highest_severity: highestSeverity,
    detected_at: epoch(head.detectedAt),
    acknowledged_at: epoch(head.acknowledgedAt),
    mitigated_at: epoch(head.mitigatedAt),
    acknowledge_due_at: epoch(head.acknowledgeDueAt),
    users_affected: impact?.usersAffected ?? null,
    revenue_lost: impact?.revenueLost ?? null,
    people: peopleInvolved?.length ?? null,
    postmortem_due_at: epoch(postmortem?.dueAt),
    postmortem_done_at: epoch(postmortem?.doneAt),
  };
}

const epoch = (at: string | null | undefined): number | null => (at == null ? null : Date.parse(at));
