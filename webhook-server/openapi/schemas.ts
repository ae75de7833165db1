/**
 * What the API answers, as schemas. They are loose, since fields may be added at any time; that they name all there
 * is today is held by the compiler and a test.
 */
import { z } from 'zod';
import { ROLES } from '../../domain/commands.ts';
import { PHASES } from '../../domain/phase.ts';
import { SEVERITIES } from '../../domain/severity.ts';
import type { IncidentView, TimelineView } from '../../domain/view.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import { COMPONENT_STATES, PUBLIC_IMPACTS } from '../../domain/public-state.ts';
import { PUBLIC_STATES } from '../../domain/commands.ts';
import { MESSAGE_KINDS } from '../../domain/record.ts';
import type { PublicPage } from '../status-page/page.ts';

const text = z.string();
const time = z.iso.datetime().describe('RFC 3339, in UTC');
const words = z.record(text, text);
const none = <T extends z.ZodType>(schema: T) => schema.nullable();
const count = z.int().min(0);
const severity = z.enum(SEVERITIES);

const alert = z.looseObject({
  fingerprint: text,
  status: z.enum(['firing', 'resolved']),
  startsAt: time,
  endsAt: none(time),
  labels: words,
  annotations: words,
  links: z.looseObject({}).describe('addresses by kind: source, dashboard, runbook, silence'),
});

const delivery = z.looseObject({
  at: time,
  to: text,
  method: text,
  key: text.describe('the same for all tries of one page'),
  state: z.enum(['accepted', 'failed']),
  reason: none(text),
});

export const incidentSchema = z.looseObject({
  id: none(text).describe('INC-YYYY-NNN; null until numbered, and for tests'),
  workflowId: text,
  episode: text,
  url: z.url(),
  title: text,
  summary: text,
  severity,
  highestSeverity: severity,
  severityGuessed: z.boolean(),
  phase: z.enum(PHASES),
  outcome: none(z.enum(['resolved', 'auto-recovered', 'false-alarm', 'merged'])),
  test: z.boolean(),
  restricted: z.boolean(),
  team: text,
  service: none(text),
  component: none(text),
  source: text,
  declaredBy: none(text),
  roles: z.record(z.enum(ROLES), none(text)),
  impact: none(text),
  alerts: z.array(alert),
  alertCount: count,
  firingCount: count,
  truncatedAlerts: count,
  deadlines: z.array(z.looseObject({ kind: text, at: time, text })),
  deliveries: z.array(delivery),
  detectedAt: none(time),
  declaredAt: time,
  acknowledgedAt: none(time),
  acknowledgedBy: none(text),
  mitigationStartedAt: none(time),
  mitigatedAt: none(time),
  resolvedAt: none(time),
  closedAt: none(time),
  resolution: none(text),
  recurrenceOf: none(text),
  mergedInto: none(text),
  channel: none(text),
  ticket: none(text),
  flapping: z.boolean(),
  seq: count,
}) satisfies z.ZodType<IncidentView & { readonly url: string }>;

export const timelineSchema = z.looseObject({
  timeline: z.array(z.looseObject({ seq: count, at: time, kind: text, by: none(text), text })),
  cut: count.describe('lines that are missing'),
}) satisfies z.ZodType<TimelineView>;

export const answerSchema = z.looseObject({
  changed: z.boolean().describe('false: the effect held already, or the same request came before'),
  text: text.describe('what happened, in a sentence'),
  phase: z.enum(PHASES),
  seq: count,
}) satisfies z.ZodType<CommandAnswer>;

/** What a command gives: the answer, and the incident where it can be shown. */
export const doneSchema = incidentSchema.partial().extend(answerSchema.shape);

export const pendingSchema = z.looseObject({ workflowId: text, pending: z.literal(true) });

export const listSchema = z.looseObject({ incidents: z.array(incidentSchema), next: none(text) });

export const recordSchema = z.looseObject({
  incident: incidentSchema,
  ...timelineSchema.shape,
  messages: z.array(
    z.looseObject({ n: count, at: time, kind: z.enum(MESSAGE_KINDS), about: text, to: z.array(text), text }),
  ),
});

export const onCallSchema = z.looseObject({
  oncall: z.array(z.looseObject({ team: text, level: count, people: z.array(text), until: none(time) })),
});

export const receivedSchema = z.looseObject({
  incidents: z.array(z.looseObject({ workflowId: text, url: z.url() })).describe('those that were opened or told'),
});

export const readySchema = z.looseObject({
  ready: z.boolean(),
  temporal: z.enum(['up', 'down']),
  records: z.enum(['starting', 'up', 'down']),
  spool: z.enum(['writable', 'unwritable']),
  spooled: count,
  draining: z.boolean(),
});

const publicState = z.enum(PUBLIC_STATES);
const componentState = z.enum(COMPONENT_STATES);
export const publicPageSchema = z.looseObject({
  page: text,
  state: componentState,
  components: z.array(z.looseObject({ name: text, state: componentState })),
  incidents: z.array(
    z.looseObject({
      title: text,
      state: publicState,
      impact: z.enum(PUBLIC_IMPACTS),
      nextUpdateAt: none(time),
      updates: z.array(z.looseObject({ at: time, state: publicState, text })),
    }),
  ),
}) satisfies z.ZodType<PublicPage>;

const problemSchema = z.looseObject({
  type: text,
  title: text,
  status: z.int(),
  detail: text,
  problems: z.array(z.looseObject({ at: text, message: text })),
  allowed: z.array(text).optional().describe('409: commands that are possible now'),
});

/** Those that are described once, under a name of their own. */
export const NAMED: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [incidentSchema, 'Incident'],
  [timelineSchema, 'Timeline'],
  [doneSchema, 'CommandDone'],
  [pendingSchema, 'CommandPending'],
  [listSchema, 'IncidentList'],
  [recordSchema, 'Record'],
  [publicPageSchema, 'PublicPage'],
  [problemSchema, 'Problem'],
]);
