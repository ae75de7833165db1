/**
 * A SEV4 pages nobody: it is to be acknowledged on the team's next business day, and as long as nobody has done so, the
 * ticket and the team's chat are reminded of it on each business day. When that is, a calendar says, and the incident
 * records. RUNBOOK §1. Pure.
 */
import type { Incident } from '../kernel/incident.ts';

/** `ask`: which business day follows that of `from`? `remind`: it has begun. */
export type BusinessDayDue =
  { readonly act: 'ask'; readonly at: number; readonly from: number } | { readonly act: 'remind'; readonly at: number };

/** What is due for an incident that nobody has acknowledged and that pages nobody; null for any other. */
export function nextOnBusinessDay(incident: Incident): BusinessDayDue | null {
  const {
    escalation: { businessDay: day },
    test,
    phase,
    acknowledgedAt,
    severity,
    policy,
    postIncident,
  } = incident;
  if (severity !== 'SEV4' || policy.severities.SEV4.pageAfterMs !== null) return null;
  if (test || phase !== 'declared' || acknowledgedAt !== null || postIncident.handedOver) return null;
  if (day !== null && day.remindedAt === null) return { act: 'remind', at: day.dueAt };
  const from = day?.remindedAt ?? incident.alerts.recurredAt.at(-1) ?? incident.declaredAt;
  return { act: 'ask', at: from, from };
}

/** By when somebody is to acknowledge; null when no business day decides that. */
export function acknowledgeBy(incident: Incident): number | null {
  const due = nextOnBusinessDay(incident);
  return due?.act === 'remind' ? due.at : null;
}
