/**
 * The record as YAML, by the house's template of an incident; what the template has no place for is under `record`.
 * What nobody has told us is null, for people to fill in. Pure.
 */
import { stringify } from 'yaml';
import type { WholeRecord } from '../records.ts';
import { inTimes } from './json.ts';
import { msBetween } from './document-format.ts';

const MINUTE_MS = 60_000;

export function toYaml(whole: WholeRecord): string {
  const { incident: view, timeline } = whole;
  const startedAt = view.detectedAt ?? view.declaredAt;
  const lastedMs = msBetween(startedAt, view.resolvedAt);
  const incident = {
    id: view.reference,
    severity: view.highestSeverity,
    title: view.title,
    started_at: startedAt,
    detected_by: view.declaredBy ?? 'monitoring_alert',
    resolved_at: view.resolvedAt,
    impact: {
      users_affected: view.impact?.usersAffected ?? null,
      revenue_lost: view.impact?.revenueLost ?? null,
      duration_minutes: lastedMs === null ? null : Math.round(lastedMs / MINUTE_MS),
      data_loss: view.impact?.dataLoss ?? null,
      description: view.impact?.summary ?? null,
    },
    timeline: timeline.map(({ at, by, text }) => ({ time: at, event: text, ...(by === null ? {} : { by }) })),
    action_items: (view.actionItems ?? []).map(({ text }) => text),
    ...(view.recurrenceOf === null ? {} : { recurrence_of: view.recurrenceOf }),
  };
  // By the older rules, so that readers of either kind see a text where there is one: "no", "12:30", a date.
  return stringify(
    { incident, record: inTimes(whole) },
    { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 },
  );
}
