/** What each route of the table is for, what it takes and what it gives: by method and path. */
import { z } from 'zod';
import { COMMANDS, type CommandType } from '../../../domain/kernel/commands.ts';
import { kebab } from '../../../domain/kernel/text.ts';
import { declareRequestSchema } from '../declare-incident.ts';
import { explainQuerySchema } from '../explain.ts';
import { windowDeclaration, windowEndBody, windowExtension } from '../maintenance.ts';
import {
  auditQuerySchema,
  exportQuerySchema,
  listQuerySchema,
  metricsQuerySchema,
  postmortemQuerySchema,
  readQuerySchema,
} from '../query-schemas.ts';
import { commandBodySchema, commandSummary } from './command-schemas.ts';
import { incidentExplainedSchema, payloadExplainedSchema } from './explain-schemas.ts';
import { metricsSchema, postmortemWrittenSchema } from './metrics-schema.ts';
import { reloadedSchema } from './reload-schema.ts';
import * as schemas from './response-schemas.ts';

export interface RouteDescription {
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Status → media type → what is in it. */
  readonly answers: Readonly<Record<number, Readonly<Record<string, z.ZodType>>>>;
}

const JSON_TYPE = 'application/json';
const text = z.string();
const json = (schema: z.ZodType) => ({ [JSON_TYPE]: schema });
const html = { 'text/html': text };
const incident = json(schemas.incidentSchema);

/** Every sender's own format; what is not read is passed over. */
const payload = z.looseObject({}).describe("the sender's own format");
const received = { 202: json(schemas.webhookAnswerSchema) };

const heartbeatAnswers = { 202: json(z.looseObject({ heartbeat: text })) };
const check = z.looseObject({ check: text });

const acknowledged = z.looseObject({ workflowId: text, url: z.url(), ...schemas.commandAnswerSchema.partial().shape });

const commands = Object.fromEntries(
  (Object.keys(COMMANDS) as CommandType[]).map((type): [string, RouteDescription] => {
    const isDurable = type === 'acknowledge' || type === 'resolve' || type === 'addNote';
    const answers = {
      200: json(schemas.commandDoneSchema),
      ...(isDurable ? { 202: json(schemas.commandPendingSchema) } : {}),
    };
    return [
      `POST /api/v1/incidents/:id/${kebab(type)}`,
      { summary: commandSummary(type), body: commandBodySchema(type), answers },
    ];
  }),
);

export const ROUTE_DESCRIPTIONS: Readonly<Record<string, RouteDescription>> = {
  'POST /webhooks/alertmanager': { summary: "Alertmanager's webhook", body: payload, answers: received },
  'POST /webhooks/grafana': { summary: "Grafana Alerting's webhook", body: payload, answers: received },
  'PUT /webhooks/grafana': { summary: "Grafana Alerting's webhook, set to PUT", body: payload, answers: received },
  'POST /webhooks/generic': {
    summary: 'Alerts of anything else',
    body: z.union([payload, z.array(payload)]),
    answers: received,
  },
  'POST /webhooks/heartbeat/:name': { summary: "It is alive: feeds a dead-man's switch", answers: heartbeatAnswers },
  'GET /webhooks/heartbeat/:name': { summary: 'The same, for whatever can only GET', answers: heartbeatAnswers },
  'POST /webhooks/self-check': {
    summary: 'Of the server itself alone: begins a check of the whole way from alert to page',
    body: check,
    answers: { 202: json(z.looseObject({})) },
  },
  'POST /webhooks/self-check/acknowledge': {
    summary: 'Of the server itself alone: the page of that check has left',
    body: check,
    answers: { 200: json(z.looseObject({})) },
  },
  'POST /v2/enqueue': {
    summary: "PagerDuty's Events API v2, taken in; the credential is routing_key in the body",
    body: schemas.pagerdutyEventSchema,
    answers: { 202: json(schemas.pagerdutyEventAnswerSchema) },
  },
  'GET /api/v1/incidents': {
    summary: 'Incidents, the newest first',
    query: listQuerySchema,
    answers: { 200: json(schemas.listSchema) },
  },
  'POST /api/v1/incidents': {
    summary: 'Declare an incident; waits up to 1 s for its number',
    body: declareRequestSchema,
    answers: { 201: incident },
  },
  'GET /api/v1/incidents/:id': { summary: 'One incident', query: readQuerySchema, answers: { 200: incident } },
  'GET /api/v1/incidents/:id/timeline': {
    summary: 'What happened, line by line',
    query: readQuerySchema,
    answers: { 200: json(schemas.timelineSchema) },
  },
  ...commands,
  'GET /api/v1/incidents/:id/export': {
    summary: 'The whole record',
    query: exportQuerySchema,
    answers: { 200: { ...json(schemas.recordSchema), 'application/yaml': text, 'text/markdown': text } },
  },
  'GET /api/v1/incidents/:id/postmortem': {
    summary: 'Its post-mortem: as people last wrote it (Tocsin-Version, -Edited-By, -Edited-At say who), else a draft',
    query: postmortemQuerySchema,
    answers: { 200: { 'text/markdown': text } },
  },
  'PUT /api/v1/incidents/:id/postmortem': {
    summary: 'Keep a version of its post-mortem; those before stay',
    body: text.describe('Markdown, 256 KiB at the most'),
    answers: { 200: json(postmortemWrittenSchema) },
  },
  'GET /api/v1/metrics/incidents': {
    summary: 'What many incidents come to: times, outcomes, promises, costs; by severity, team and month',
    query: metricsQuerySchema,
    answers: { 200: json(metricsSchema) },
  },
  'GET /api/v1/incidents/:id/explain': {
    summary: 'Why it is what it is: identity, severity, who was paged and why, and why nobody else is',
    query: readQuerySchema,
    answers: { 200: json(incidentExplainedSchema) },
  },
  'POST /api/v1/explain': {
    summary: "What would become of a sender's message; nothing is opened, told or kept",
    query: explainQuerySchema,
    body: z.union([payload, z.array(payload)]),
    answers: { 200: json(payloadExplainedSchema) },
  },
  'GET /api/v1/oncall': {
    summary: 'Who is on call, level by level',
    answers: { 200: json(schemas.onCallSchema) },
  },
  'GET /api/v1/maintenance': {
    summary: 'Windows of maintenance: those that people declared and that last, and those of the configuration',
    answers: { 200: json(schemas.maintenanceSchema) },
  },
  'POST /api/v1/maintenance': {
    summary: 'Hold back matching alerts from now on; what still fires at the end pages then',
    body: windowDeclaration,
    answers: { 201: json(schemas.windowSchema) },
  },
  'POST /api/v1/maintenance/:window/end': {
    summary: 'Maintenance is over: what it held back and still fires pages now',
    body: windowEndBody,
    answers: { 200: json(z.looseObject({ id: text, ended: z.boolean() })) },
  },
  'POST /api/v1/maintenance/:window/extend': {
    summary: 'Maintenance ends then',
    body: windowExtension,
    answers: { 200: json(z.looseObject({ id: text, until: text })) },
  },
  'GET /api/v1/audit': {
    summary: 'Who tried to change what, when and from where; the newest first',
    query: auditQuerySchema,
    answers: { 200: json(schemas.auditSchema) },
  },
  'POST /api/v1/config/reload': {
    summary: 'Take the configuration that the file holds now; 422 with every mistake, and the last good one is kept',
    answers: { 200: json(reloadedSchema) },
  },
  'GET /ack/:token': { summary: 'Shows what is to be acknowledged', answers: { 200: { ...html, ...incident } } },
  'POST /ack/:token': {
    summary: 'Acknowledges as the person whom the link was sent to',
    answers: { 200: { ...html, ...json(acknowledged) }, 202: { ...html, ...json(schemas.commandPendingSchema) } },
  },
  'GET /status.json': { summary: 'The public page', answers: { 200: json(schemas.publicPageSchema) } },
  'GET /status': { summary: 'The public page, for people', answers: { 200: html } },
  'GET /status/feed.atom': { summary: 'The public page as a feed', answers: { 200: { 'application/atom+xml': text } } },
  'GET /openapi.json': { summary: 'This description', answers: { 200: json(z.looseObject({})) } },
  'GET /healthz': { summary: 'The process turns', answers: { 200: json(z.looseObject({ status: z.literal('ok') })) } },
  'GET /readyz': {
    summary: 'Alerts can be made durable',
    answers: { 200: json(schemas.readySchema), 503: json(schemas.readySchema) },
  },
  'GET /metrics': { summary: 'For Prometheus', answers: { 200: { 'text/plain': text } } },
};
