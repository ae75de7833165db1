/**
 * Maintenance windows that people declare: matching alerts are suppressed from now until a given end. The windows of
 * the configuration are listed too; only the file changes them.
 */
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import type { MaintenanceSetting } from '../../config/sections/maintenance.ts';
import { duration } from '../../config/primitives.ts';
import type { Problem } from '../../domain/kernel/commands.ts';
import { LONGEST_WINDOW_MS, type MaintenanceWindow } from '../../domain/kernel/maintenance.ts';
import { ambiguityOf, parseInstant, maintenanceWindowEnd } from '../../schedules/maintenance-windows.ts';
import type { AppDeps } from '../dependencies.ts';
import { IncidentsUnavailable } from '../incidents/incident-queries.ts';
import { HttpProblem, invalidRequest } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import type { MaintenanceCommands } from '../ingest/maintenance/windows.ts';
import { cleanLine } from '../ingest/sources/sanitize.ts';
import { shortHash } from '../ingest/sources/fingerprint.ts';
import { nullable, onBehalf, text, textMap, time } from './common-schemas.ts';
import { actorFor, requestIdOf } from './request-actor.ts';

const REASON_LIMIT = 200;
const LABELS_AT_MOST = 20;

const ends = {
  until: z.string().max(40).optional().describe('RFC 3339, or 2026-11-21 22:00 in the time zone of the organization'),
  for: duration.optional().describe('how long from now, such as 2h; instead of until'),
  by: onBehalf,
};

const windowDeclaration = z.strictObject({
  match: z
    .record(z.string().trim().min(1).max(200), z.string().max(500))
    .refine(
      (labels) => Object.values(labels).some((pattern) => pattern !== ''),
      'name a label with a value: no label at all would suppress every alert, and so would a label that must be absent',
    )
    .refine((labels) => Object.keys(labels).length <= LABELS_AT_MOST, `at most ${LABELS_AT_MOST} labels`)
    .describe('label → exact value or glob, as in a route; all of them must match'),
  reason: z.string().trim().min(1, 'must not be empty').max(REASON_LIMIT),
  ...ends,
});
const windowEnd = z.strictObject({ by: onBehalf });
const windowExtension = z.strictObject(ends);

const windowSchema = z.looseObject({
  id: nullable(text).describe('null for a window of the configuration'),
  name: text,
  match: textMap,
  by: nullable(text),
  from: nullable(time).describe('null for a weekly window'),
  until: nullable(time).describe('null for a weekly window that is not active'),
  active: z.boolean().describe('it suppresses alerts now'),
});
type MaintenanceWindowJson = z.output<typeof windowSchema>;

export function maintenanceRoutes(deps: AppDeps): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/maintenance',
      summary: 'Maintenance windows: those that people declared and that still run, and those of the configuration',
      access: 'viewer',
      body: 'none',
      output: { 200: z.looseObject({ maintenance: z.array(windowSchema) }) },
      handle: () => listWindows(deps),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/maintenance',
      summary: 'Suppress matching alerts from now on; whatever still fires at the end pages then',
      access: 'responder',
      body: 'optional',
      input: windowDeclaration,
      output: { 201: windowSchema },
      audited: { command: 'declareMaintenance' },
      handle: (incoming) => declareWindow(deps, incoming),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/maintenance/:window/end',
      summary: 'End a window now: whatever it suppressed and still fires pages now',
      access: 'responder',
      body: 'optional',
      input: windowEnd,
      output: { 200: z.looseObject({ id: text, ended: z.boolean() }) },
      audited: { command: 'endMaintenance' },
      handle: (incoming) => endWindow(deps, incoming),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/maintenance/:window/extend',
      summary: 'Move the end of a window',
      access: 'responder',
      body: 'optional',
      input: windowExtension,
      output: { 200: z.looseObject({ id: text, until: text }) },
      audited: { command: 'extendMaintenance' },
      handle: (incoming) => extendWindow(deps, incoming),
    }),
  ];
}

function listWindows({ config: configNow, maintenance, now = Date.now }: AppDeps): RouteResponse {
  const config = configNow();
  const at = now();
  const people = maintenance?.declared.all() ?? [];
  const windows = [
    ...people.map((window) => windowJson(window)),
    ...config.maintenance.flatMap((setting) => configuredWindowJson(setting, at)),
  ];
  return { status: 200, json: { maintenance: windows } };
}

async function declareWindow(
  deps: AppDeps,
  incoming: RouteRequest<unknown, z.output<typeof windowDeclaration>>,
): Promise<RouteResponse> {
  const windows = declaredOf(deps);
  const input = incoming.body;
  const requestId = requestIdOf(incoming);
  const { by, until } = byAndUntil(deps, incoming);
  const id = windowIdOf(requestId);
  incoming.addAuditContext?.({ by, requestId, workflowId: id });
  const reason = cleanLine(input.reason, REASON_LIMIT);
  const window: MaintenanceWindow = { id, match: input.match, reason, by, from: incoming.receivedAt, until };
  const declared = await windows.declare(window);
  if (declared === null) throw new HttpProblem(409, 'this request declared a window that is over: send another key');
  return { status: 201, json: windowJson(declared) };
}

async function endWindow(
  deps: AppDeps,
  incoming: RouteRequest<unknown, z.output<typeof windowEnd>>,
): Promise<RouteResponse> {
  const windows = declaredOf(deps);
  const id = windowOf(incoming);
  const { by } = actorFor(incoming, incoming.body.by, deps);
  incoming.addAuditContext?.({ by, workflowId: id });
  if (!(await windows.end(id, by))) throw noWindow();
  deps.log.info({ workflowId: id, by }, 'maintenance ended');
  return { status: 200, json: { id, ended: true } };
}

async function extendWindow(deps: AppDeps, incoming: RouteRequest<unknown, WindowEndInput>): Promise<RouteResponse> {
  const windows = declaredOf(deps);
  const id = windowOf(incoming);
  const { by, until } = byAndUntil(deps, incoming);
  incoming.addAuditContext?.({ by, workflowId: id });
  if (!(await windows.move(id, { by, until }))) throw noWindow();
  deps.log.info({ workflowId: id, by, until }, 'maintenance extended');
  return { status: 200, json: { id, until: new Date(until).toISOString() } };
}

function declaredOf({ maintenance }: AppDeps): MaintenanceCommands {
  if (maintenance === undefined) throw new IncidentsUnavailable('this server knows no maintenance windows');
  return maintenance.declared;
}

type WindowEndInput = z.output<typeof windowExtension>;

function byAndUntil(deps: AppDeps, incoming: RouteRequest<unknown, WindowEndInput>) {
  const { by } = actorFor(incoming, incoming.body.by, deps);
  const until = endOf(incoming.body, deps.config(), incoming.receivedAt);
  if (typeof until !== 'number') throw invalidRequest([until]);
  return { by, until };
}

function endOf({ until, for: lengthMs }: WindowEndInput, { timeZone }: Config, at: number): number | Problem {
  if ((until === undefined) === (lengthMs === undefined))
    return { at: 'until', message: 'say when it ends: until, or for; not both' };
  if (until === undefined) return at + (lengthMs ?? 0);
  const endsAt = parseInstant(until, timeZone);
  if (endsAt === null) return { at: 'until', message: 'expected 2026-11-21T22:00:00Z or "2026-11-21 22:00"' };
  const ambiguous = ambiguityOf(until, timeZone);
  if (ambiguous !== null) return { at: 'until', message: ambiguous };
  if (endsAt <= at) return { at: 'until', message: 'that is in the past' };
  return endsAt - at > LONGEST_WINDOW_MS ? { at: 'until', message: 'at most 30 days from now' } : endsAt;
}

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** The same request is the same window. */
const windowIdOf = (requestId: string): string =>
  `maintenance-${ULID.test(requestId) ? requestId : shortHash(['maintenance', requestId])}`;

/** Never the id of another kind of workflow. */
function windowOf({ params }: RouteRequest): string {
  const id = params['window'] ?? '';
  if (/^maintenance-\w{1,64}$/.test(id)) return id;
  throw noWindow();
}

const noWindow = (): HttpProblem =>
  new HttpProblem(404, 'no such maintenance window, or it has ended; windows of the configuration have no id');

function windowJson({ id, match, reason, by, from, until }: MaintenanceWindow): MaintenanceWindowJson {
  return { id, name: reason, match: { ...match }, by, active: true, from: timeOf(from), until: timeOf(until) };
}

/** None once it is over for good. */
function configuredWindowJson(
  { name, match, times }: MaintenanceSetting,
  at: number,
): readonly MaintenanceWindowJson[] {
  const ends = maintenanceWindowEnd(times, at);
  const common = { id: null, name, match: Object.fromEntries(match), by: null, active: ends !== null };
  if (!('from' in times)) return [{ ...common, from: null, until: ends === null ? null : timeOf(ends) }];
  return times.until <= at ? [] : [{ ...common, from: timeOf(times.from), until: timeOf(times.until) }];
}

const timeOf = (at: number): string => new Date(at).toISOString();
