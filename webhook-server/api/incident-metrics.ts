/** `GET /api/v1/metrics/incidents`: what many incidents come to. Numbers only: no titles, no people by name. */
import { endOfDay, startOfDay } from '../../schedules/day-boundaries.ts';
import { RecordsDown, type MetricsQuery } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { invalidRequest } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { RouteResponse, RouteRequest, Route } from '../http/route.ts';
import { recordsTimeLimit } from '../incidents/records-time-limit.ts';
import { recordsUnavailable } from './export.ts';
import { metricsQuerySchema } from './query-schemas.ts';

export function incidentMetricsRoute(deps: AppDeps): Route {
  return {
    method: 'GET',
    path: '/api/v1/metrics/incidents',
    access: 'viewer',
    body: 'none',
    handle: (incoming) => readIncidentMetrics(deps, incoming),
  };
}

async function readIncidentMetrics(deps: AppDeps, { req }: RouteRequest): Promise<RouteResponse> {
  const config = deps.config();
  const { timeZone } = config;
  const { from, to, ...filter } = readQuery(req, metricsQuerySchema);
  const range = { from: timeOrDayOf('from', from, timeZone), to: timeOrDayOf('to', to, timeZone) };
  if ((range.from ?? 0) >= (range.to ?? Infinity)) throw invalidRequest([{ at: 'from', message: 'must be before to' }]);
  const filters = { ...filter, ...range };
  const query = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as MetricsQuery;
  const json = {
    ...{ from: rfc(range.from), to: rfc(range.to), timeZone },
    ...{ team: filter.team ?? null, severity: filter.severity ?? null },
    ...(await metricsOf(deps, query)),
  };
  return { status: 200, json };
}

/** A day of the organization's calendar, all of it, or a moment. Throws 400 for neither. */
function timeOrDayOf(at: 'from' | 'to', text: string | undefined, timeZone: string): number | undefined {
  if (text === undefined) return undefined;
  const day = at === 'from' ? startOfDay(text, timeZone) : endOfDay(text, timeZone);
  const epochMs = day ?? (RFC3339_TIME.test(text) ? Date.parse(text) : NaN);
  if (!Number.isNaN(epochMs)) return epochMs;
  throw invalidRequest([{ at, message: 'expected a day (2026-11-21) or a moment (2026-11-21T09:00:00Z)' }]);
}

const RFC3339_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

const rfc = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

async function metricsOf(deps: AppDeps, query: MetricsQuery) {
  try {
    return await recordsTimeLimit(deps).ask((records) => records.metrics(query));
  } catch (error) {
    if (error instanceof RecordsDown) throw recordsUnavailable('incidents cannot be counted now');
    throw error;
  }
}
