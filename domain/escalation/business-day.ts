/**
 * A SEV4 pages nobody: somebody must acknowledge it on the team's next business day. Until then, the ticket and the
 * team's chat get a reminder on each business day. A calendar activity says when that is, and the incident records it.
 * RUNBOOK §1. Pure.
 */
import type { Incident } from '../kernel/incident.ts';

/** `ask`: which business day follows that of `from`? `remind`: it has begun. */
export type BusinessDayDue =
  { readonly act: 'ask'; readonly at: number; readonly from: number } | { readonly act: 'remind'; readonly at: number };

/** The next step for an unacknowledged incident that pages nobody; null for any other. */
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

/** The deadline for acknowledging; null when it does not depend on a business day. */
export function acknowledgeBy(incident: Incident): number | null {
  const due = nextOnBusinessDay(incident);
  return due?.act === 'remind' ? due.at : null;
}
