/**
 * Maintenance by people: matching alerts are held back from now on until an end that is always said. The windows of the
 * configuration are listed beside; only the file changes them.
 */
import { z } from 'zod';
import type { Config, MaintenanceSetting } from '../../config/config.ts';
import { duration } from '../../config/schema/duration.ts';
import type { Problem } from '../../domain/kernel/commands.ts';
import { LONGEST_WINDOW_MS, type MaintenanceWindow } from '../../domain/kernel/maintenance.ts';
import { parseInstant, maintenanceWindowEnd } from '../../schedules/maintenance-windows.ts';
import type { AppDeps } from '../dependencies.ts';
import { IncidentsUnavailable } from '../incidents/gateway.ts';
import { HttpProblem, invalidRequest } from '../http/problem.ts';
import type { RouteResponse, RouteRequest, Route } from '../http/route.ts';
import type { DeclaredWindows } from '../ingest/maintenance/declared-windows.ts';
import { cleanLine } from '../ingest/sources/sanitize.ts';
import { shortHash } from '../ingest/sources/fingerprint.ts';
import { problemsOfZodError } from '../ingest/sources/zod-problems.ts';
import { bearerOf, requestIdOf, actorFor } from './request-actor.ts';

const REASON_LIMIT = 200;
const LABELS_AT_MOST = 20;

const ends = {
  until: z.string().max(40).optional().describe('RFC 3339, or 2026-11-21 22:00 by the clock of the organization'),
  for: duration.optional().describe('so long from now, such as 2h; instead of until'),
  by: z.unknown().optional(),
};

export const windowDeclaration = z.strictObject({
  match: z
    .record(z.string().trim().min(1).max(200), z.string().max(500))
    .refine(
      (labels) => Object.values(labels).some((pattern) => pattern !== ''),
      'name a label with a value: nothing named would hold back every alert, and so would a label that must be absent',
    )
    .refine((labels) => Object.keys(labels).length <= LABELS_AT_MOST, `at most ${LABELS_AT_MOST} labels`)
    .describe('label → exact value or glob, as in a route: all of them must fit'),
  reason: z.string().trim().min(1, 'must not be empty').max(REASON_LIMIT),
  ...ends,
});

export const windowEndBody = z.strictObject({ by: z.unknown().optional() });
export const windowExtension = z.strictObject(ends);

export function maintenanceRoutes(deps: AppDeps): readonly Route[] {
  const commandRoute = (command: string, path: string, handle: MaintenanceHandler): Route => ({
    ...{ method: 'POST', path, access: 'responder', body: 'optional', audited: { command } },
    handle: (incoming) => handle(deps, incoming),
  });
  return [
    { method: 'GET', path: '/api/v1/maintenance', access: 'viewer', body: 'none', handle: () => listWindows(deps) },
    commandRoute('declareMaintenance', '/api/v1/maintenance', declareWindow),
    commandRoute('endMaintenance', '/api/v1/maintenance/:window/end', endWindow),
    commandRoute('extendMaintenance', '/api/v1/maintenance/:window/extend', extendWindow),
  ];
}

type MaintenanceHandler = (deps: AppDeps, incoming: RouteRequest) => Promise<RouteResponse>;

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

async function declareWindow(deps: AppDeps, incoming: RouteRequest): Promise<RouteResponse> {
  const windows = declaredOf(deps);
  const input = parseBody(windowDeclaration, incoming.body);
  const requestId = requestIdOf(incoming);
  const { by, until } = byAndUntil(deps, incoming, input);
  const id = windowIdOf(requestId);
  incoming.addAuditContext?.({ by, requestId, workflowId: id });
  const reason = cleanLine(input.reason, REASON_LIMIT);
  const window: MaintenanceWindow = { id, match: input.match, reason, by, from: incoming.receivedAt, until };
  const declared = await windows.declare(window);
  if (declared === null) throw new HttpProblem(409, 'this request declared a window that is over: send another key');
  return { status: 201, json: windowJson(declared) };
}

async function endWindow(deps: AppDeps, incoming: RouteRequest): Promise<RouteResponse> {
  const windows = declaredOf(deps);
  const input = parseBody(windowEndBody, incoming.body);
  const id = windowOf(incoming);
  const by = actorFor({ bearer: bearerOf(incoming), by: input.by, config: deps.config(), log: deps.log });
  incoming.addAuditContext?.({ by, workflowId: id });
  if (!(await windows.end(id, by))) throw noWindow();
  deps.log.info({ workflowId: id, by }, 'maintenance ended');
  return { status: 200, json: { id, ended: true } };
}

async function extendWindow(deps: AppDeps, incoming: RouteRequest): Promise<RouteResponse> {
  const windows = declaredOf(deps);
  const input = parseBody(windowExtension, incoming.body);
  const id = windowOf(incoming);
  const { by, until } = byAndUntil(deps, incoming, input);
  incoming.addAuditContext?.({ by, workflowId: id });
  if (!(await windows.move(id, { by, until }))) throw noWindow();
  deps.log.info({ workflowId: id, by, until }, 'maintenance extended');
  return { status: 200, json: { id, until: new Date(until).toISOString() } };
}

function declaredOf({ maintenance }: AppDeps): DeclaredWindows {
  if (maintenance === undefined) throw new IncidentsUnavailable('this server knows no maintenance');
  return maintenance.declared;
}

function parseBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const input = schema.safeParse(body);
  if (!input.success) throw invalidRequest(problemsOfZodError(input.error));
  return input.data;
}

interface WindowEndInput {
  readonly until?: string | undefined;
  readonly for?: number | undefined;
  readonly by?: unknown;
}

function byAndUntil({ config: configNow, log }: AppDeps, incoming: RouteRequest, input: WindowEndInput) {
  const config = configNow();
  const by = actorFor({ bearer: bearerOf(incoming), by: input.by, config, log });
  const until = endOf(input, config, incoming.receivedAt);
  if (typeof until !== 'number') throw invalidRequest([until]);
  return { by, until };
}

function endOf({ until, for: lengthMs }: WindowEndInput, { timeZone }: Config, at: number): number | Problem {
  if ((until === undefined) === (lengthMs === undefined))
    return { at: 'until', message: 'say when it ends: until, or for; not both' };
  if (until === undefined) return at + (lengthMs ?? 0);
  const endsAt = parseInstant(until, timeZone);
  if (endsAt === null) return { at: 'until', message: 'expected 2026-11-21T22:00:00Z or "2026-11-21 22:00"' };
  if (endsAt <= at) return { at: 'until', message: 'that is past' };
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
  new HttpProblem(404, 'no such window of maintenance, or it has ended; those of the configuration have no id');

/** As the API shows a window. */
export interface MaintenanceWindowJson {
  /** Null for a window of the configuration. */
  readonly id: string | null;
  readonly name: string;
  readonly match: Readonly<Record<string, string>>;
  readonly by: string | null;
  /** RFC 3339; null for one of every week. */
  readonly from: string | null;
  /** Null while one of every week does not last. */
  readonly until: string | null;
  /** It holds alerts back now. */
  readonly active: boolean;
}

function windowJson({ id, match, reason, by, from, until }: MaintenanceWindow): MaintenanceWindowJson {
  return { ...{ id, name: reason, match, by, active: true }, from: timeOf(from), until: timeOf(until) };
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
