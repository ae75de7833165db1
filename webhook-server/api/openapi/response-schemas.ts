/**
 * What the API answers, as schemas. They are loose, since fields may be added at any time; that they name all there
 * is today is held by the compiler and a test.
 */
import { z } from 'zod';
import { ROLES, SCOPES } from '../../../domain/kernel/commands.ts';
import { PHASES } from '../../../domain/kernel/phase.ts';
import { SEVERITIES } from '../../../domain/kernel/severity.ts';
import type { TimelineView } from '../../../domain/engine/view.ts';
import type { AuditEntry } from '../../../records/open-records.ts';
import type { CommandAnswer } from '../../../workflows/contract.ts';
import { COMPONENT_STATES, PUBLIC_IMPACTS } from '../../../domain/communications/public-state.ts';
import { PUBLIC_STATES } from '../../../domain/kernel/commands.ts';
import { MESSAGE_KINDS } from '../../../domain/engine/projection.ts';
import type { IncidentJson } from '../incident-json.ts';
import type { PublicPage } from '../../status-page/public-page.ts';

const text = z.string();
const time = z.iso.datetime().describe('RFC 3339, in UTC');
const textMap = z.record(text, text);
const nullable = <T extends z.ZodType>(schema: T) => schema.nullable();
const count = z.int().min(0);
const severity = z.enum(SEVERITIES);

const alert = z.looseObject({
  fingerprint: text,
  status: z.enum(['firing', 'resolved']),
  startsAt: time,
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
  state: z.enum(['accepted', 'failed']),
  reason: nullable(text),
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

export const incidentSchema = z.looseObject({
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
  impact: nullable(impact).describe('null until somebody has assessed it'),
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
  acknowledgeDueAt: nullable(time).describe('until when an acknowledgement is promised'),
  acknowledgedAt: nullable(time),
  acknowledgedBy: nullable(text),
  publicDueAt: nullable(time).describe('until when a first public entry is promised'),
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
}) satisfies z.ZodType<IncidentJson>;

export const timelineSchema = z.looseObject({
  timeline: z.array(z.looseObject({ seq: count, at: time, kind: text, by: nullable(text), text })),
  cut: count.describe('lines that are missing'),
}) satisfies z.ZodType<TimelineView>;

export const commandAnswerSchema = z.looseObject({
  changed: z.boolean().describe('false: the effect held already, or the same request came before'),
  text: text.describe('what happened, in a sentence'),
  phase: z.enum(PHASES),
  seq: count,
}) satisfies z.ZodType<CommandAnswer>;

/** What a command gives: the answer, and the incident where it can be shown. */
export const commandDoneSchema = incidentSchema.partial().extend(commandAnswerSchema.shape);

export const commandPendingSchema = z.looseObject({ workflowId: text, pending: z.literal(true) });

export const listSchema = z.looseObject({
  incidents: z.array(incidentSchema),
  next: nullable(text),
  source: z
    .enum(['records', 'temporal'])
    .describe('temporal: the records are starting, away or not current yet, so open incidents were read from Temporal'),
  records: z.enum(['starting', 'up', 'down']),
  complete: z.boolean().describe('false: there may be more incidents than these and the next pages hold'),
});

export const recordSchema = z.looseObject({
  incident: incidentSchema,
  ...timelineSchema.shape,
  messages: z.array(
    z.looseObject({ n: count, at: time, kind: z.enum(MESSAGE_KINDS), about: text, to: z.array(text), text }),
  ),
  earlier: z
    .array(
      z.looseObject({
        ...{
          reference: nullable(text),
          title: text,
          severity,
          declaredAt: time,
          resolvedAt: nullable(time),
          resolution: nullable(text),
        },
      }),
    )
    .describe('the last of the same kind that were resolved before, newest first'),
});

export const onCallSchema = z.looseObject({
  oncall: z.array(z.looseObject({ team: text, level: count, people: z.array(text), until: nullable(time) })),
});

export const windowSchema = z.looseObject({
  id: nullable(text).describe('null for a window of the configuration'),
  name: text,
  match: textMap,
  by: nullable(text),
  from: nullable(time).describe('null for one of every week'),
  until: nullable(time).describe('null while one of every week does not last'),
  active: z.boolean().describe('it holds alerts back now'),
});

export const maintenanceSchema = z.looseObject({ maintenance: z.array(windowSchema) });

export const auditSchema = z.looseObject({
  audit: z.array(
    z.looseObject({
      id: text,
      at: time,
      via: z.enum(['http', 'cli', 'link', 'local']).describe('`cli`: by what the client says of itself'),
      from: nullable(text).describe('the address at the other end of the connection'),
      agent: nullable(text),
      token: nullable(text).describe('its name'),
      keyId: nullable(text).describe('tells the secrets of one name apart'),
      person: nullable(text),
      role: nullable(text),
      by: nullable(text).describe('in whose name it was said'),
      onBehalf: z.boolean().describe('`by` is somebody else than the token speaks for'),
      command: text,
      subject: nullable(text).describe('what it was about, in the words that were used'),
      workflowId: nullable(text),
      incidentId: nullable(text),
      requestId: nullable(text),
      outcome: z.enum(['done', 'unchanged', 'pending', 'refused', 'failed']),
      status: nullable(z.int()),
      omitted: count.describe('attempts without a valid credential before this one that have no line of their own'),
    }) satisfies z.ZodType<AuditEntry>,
  ),
  next: nullable(text),
  complete: z.boolean().describe('false: the records are away, and these are the newest lines of this server alone'),
});

export const webhookAnswerSchema = z.looseObject({
  incidents: z.array(z.looseObject({ workflowId: text, url: z.url() })).describe('those that were opened or told'),
});

export const pagerdutyEventSchema = z.looseObject({
  routing_key: text,
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: text.optional().describe('which alert; made and answered for a trigger without one'),
  payload: z
    .looseObject({
      summary: text,
      source: text,
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: time.optional(),
      component: text.optional(),
      group: text.optional(),
      class: text.optional(),
      custom_details: z.unknown().optional(),
    })
    .optional(),
  client: text.optional(),
  client_url: text.optional(),
  links: z.array(z.looseObject({ href: text, text: text.optional() })).optional(),
  images: z.array(z.looseObject({ src: text })).optional(),
});

export const pagerdutyEventAnswerSchema = z.looseObject({
  status: z.literal('success'),
  message: text,
  dedup_key: text,
  ...webhookAnswerSchema.shape,
});

export const readySchema = z.looseObject({
  ready: z.boolean(),
  temporal: z.enum(['up', 'down']),
  records: z.enum(['starting', 'up', 'down']),
  spool: z.enum(['writable', 'unwritable']),
  spooled: count,
  draining: z.boolean(),
  selfCheck: z.enum(['ok', 'failing', 'unknown', 'off']).optional(),
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
      nextUpdateAt: nullable(time),
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
export const NAMED_SCHEMAS: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [incidentSchema, 'Incident'],
  [timelineSchema, 'Timeline'],
  [commandDoneSchema, 'CommandDone'],
  [commandPendingSchema, 'CommandPending'],
  [listSchema, 'IncidentList'],
  [recordSchema, 'Record'],
  [publicPageSchema, 'PublicPage'],
  [problemSchema, 'Problem'],
]);
