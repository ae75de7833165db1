/**
 * Incidents as the API shows them: the workflow's view, what follows from it, and where to look at it. The schemas are
 * loose, since fields may be added at any time; the compiler and a test see to it that they name all there are today.
 */
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { incidentUrl } from '../../config/routing.ts';
import { checklistOf, type Checklist } from '../../domain/engine/checklist.ts';
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import { DELIVERY_STATES } from '../../domain/kernel/incident.ts';
import { ROLES, SCOPES } from '../../domain/kernel/commands.ts';
import { PHASES } from '../../domain/kernel/phase.ts';
import { count, NAMED_SCHEMAS, nullable, severity, text, textMap, time } from './common-schemas.ts';

export type IncidentJson = Omit<IncidentView, 'calledFor'> & { readonly url: string; readonly checklist: Checklist };

export function incidentJson(config: Config, view: IncidentView): IncidentJson {
  const { calledFor: _ours, ...shown } = view;
  return { ...shown, checklist: checklistOf(view), url: incidentUrl(config, view.workflowId) };
}

const alert = z.looseObject({
  fingerprint: text,
  status: z.enum(['firing', 'resolved']),
  startsAt: time,
  sentStartsAt: z.exactOptional(time).describe("the start as sent, where the sender's clock was ahead"),
  endsAt: nullable(time),
  stale: z
    .exactOptional(z.enum(['gone', 'unknown', 'vanished']))
    .describe('not heard of for too long; its source has it no more, or cannot say'),
  labels: textMap,
  annotations: textMap,
  links: z.looseObject({}).describe('addresses by kind: source, dashboard, runbook, silence'),
});

const delivery = z.looseObject({
  at: time,
  to: text,
  method: text,
  key: text.describe('the same for all tries of one page'),
  state: z
    .enum(DELIVERY_STATES)
    .describe('sending: no answer yet; retrying: it failed and is tried again; failed: given up. Since `at`'),
  reason: nullable(text).describe('why it failed'),
});

const impact = z.looseObject({
  summary: text,
  scope: nullable(z.enum(SCOPES)),
  usersAffected: nullable(count),
  dataLoss: nullable(z.boolean()),
  revenueLost: nullable(text).describe('as people write it: "$45000"'),
});

const actionItem = z.looseObject({
  id: text.describe('A1, A2 …'),
  text,
  owner: nullable(text),
  due: nullable(z.iso.date()),
  addedAt: time,
  addedBy: text,
  doneAt: nullable(time),
  doneBy: nullable(text),
});

const postmortem = z.looseObject({
  dueAt: nullable(time),
  doneAt: nullable(time),
  doneBy: nullable(text),
  url: nullable(text).describe('where it is, if not here'),
});

const ticks = z.array(z.looseObject({ item: text, done: nullable(z.boolean()) }));
const checklist = z.looseObject({ during: ticks, resolution: ticks });

export const incidentSchema = z
  .looseObject({
    id: text.describe('a ULID'),
    reference: nullable(text).describe('INC-YYYY-NNN; null until numbered, and for tests'),
    workflowId: text,
    url: z.url(),
    title: text,
    summary: text,
    severity,
    highestSeverity: severity,
    severityGuessed: z.boolean(),
    phase: z.enum(PHASES),
    outcome: nullable(z.enum(['resolved', 'auto-recovered', 'false-alarm', 'merged'])),
    test: z.boolean(),
    restricted: z.boolean(),
    team: text,
    service: nullable(text),
    component: nullable(text),
    source: text,
    declaredBy: nullable(text),
    roles: z.record(z.enum(ROLES), nullable(text)),
    rolesWanted: z.exactOptional(z.array(z.enum(ROLES))).describe('those that its severity asks for and nobody has'),
    wentPublic: z.exactOptional(z.boolean()).describe('something about it is, or was, on the public page'),
    updateEveryMs: z.exactOptional(nullable(count)).describe('how often people inside are due an update; null: never'),
    monitoring: z
      .exactOptional(nullable(z.looseObject({ since: time, confirmed: z.boolean() })))
      .describe('the time without alerts after the fix; confirmed: a person has said that customers are well again'),
    impact: nullable(impact).describe('null until somebody has assessed it'),
    cause: z
      .exactOptional(nullable(z.looseObject({ text, at: time, by: text })))
      .describe('why it happened, as far as people know; null until somebody has said it'),
    decision: nullable(z.enum(['rollback', 'fix-forward'])),
    actionItems: z.array(actionItem),
    postmortem: nullable(postmortem).describe('null while none is owed and none was written'),
    peopleInvolved: z.array(text).describe('everyone who has done something about it'),
    checklist: checklist.describe("the incident commander's; done is null where only people can tell"),
    alerts: z.array(alert),
    alertCount: count,
    firingCount: count,
    truncatedAlerts: count,
    deadlines: z.array(z.looseObject({ kind: text, at: time, text })),
    deliveries: z.array(delivery),
    detectedAt: nullable(time),
    declaredAt: time,
    acknowledgeDueAt: nullable(time).describe('when it must be acknowledged by (response target)'),
    acknowledgedAt: nullable(time),
    acknowledgedBy: nullable(text),
    publicDueAt: nullable(time).describe('when a first public entry must be there (response target)'),
    mitigationStartedAt: nullable(time),
    mitigatedAt: nullable(time),
    resolvedAt: nullable(time),
    closedAt: nullable(time),
    resolution: nullable(text),
    recurrenceOf: nullable(text),
    mergedInto: nullable(text).describe('reference, or else id, of the incident that it was merged into'),
    mergedTo: z
      .exactOptional(z.looseObject({ workflowId: text, isOver: z.boolean() }))
      .describe('where that one is; absent when it was merged into none'),
    channel: nullable(text),
    ticket: nullable(text),
    flapping: z.boolean(),
    seq: count,
  })
  .register(NAMED_SCHEMAS, { name: 'Incident' }) satisfies z.ZodType<IncidentJson>;

const timelineEntry = z.looseObject({
  seq: count,
  at: time,
  kind: text,
  by: nullable(text),
  text,
  pages: z
    .exactOptional(z.array(z.looseObject({ to: text, name: z.exactOptional(text), state: z.enum(DELIVERY_STATES) })))
    .describe('of pages: whom each went to, and what became of it'),
  alerts: z
    .exactOptional(z.array(z.looseObject({ fingerprint: text, name: text, startsAt: time, endsAt: nullable(time) })))
    .describe('which firing of each alert the entry tells of'),
});

export const timelineSchema = z
  .looseObject({
    timeline: z.array(timelineEntry),
    cut: count.describe('entries that are missing'),
  })
  .register(NAMED_SCHEMAS, { name: 'Timeline' }) satisfies z.ZodType<TimelineView>;

/** What senders are answered. */
export const reportedIncidents = z.looseObject({
  incidents: z.array(z.looseObject({ workflowId: text, url: z.url() })).describe('those that were opened or updated'),
});
