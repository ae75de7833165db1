/** `GET /api/v1/metrics/incidents`: what many incidents come to. Numbers only: no titles, no people by name. */
import { endOfDay, startOfDay } from '../../schedules/days.ts';
import { RecordsDown, type MetricsQuery } from '../../records/index.ts';
import type { AppDeps } from '../deps.ts';
import { invalid } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import { timeLimitOf } from '../reading/time-limit.ts';
import { recordsAway } from './export.ts';
import { metricsQuerySchema } from './queries.ts';

export function metricsRoute(deps: AppDeps): Route {
  return {
    method: 'GET',
    path: '/api/v1/metrics/incidents',
    access: 'viewer',
    body: 'none',
    handle: (incoming) => read(deps, incoming),
  };
}

async function read(deps: AppDeps, { req }: Incoming): Promise<Answer> {
  const config = deps.config();
  const { timeZone } = config;
  const { from, to, ...filter } = readQuery(req, metricsQuerySchema);
  const range = { from: momentOf('from', from, timeZone), to: momentOf('to', to, timeZone) };
  if ((range.from ?? 0) >= (range.to ?? Infinity)) throw invalid([{ at: 'from', message: 'must be before to' }]);
  const asked = { ...filter, ...range };
  const query = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as MetricsQuery;
  const json = {
    ...{ from: rfc(range.from), to: rfc(range.to), timeZone },
    ...{ team: filter.team ?? null, severity: filter.severity ?? null },
    ...(await metricsOf(deps, query)),
  };
  return { status: 200, json };
}

/** A day of the organization's calendar, all of it, or a moment. Throws 400 for neither. */
function momentOf(at: 'from' | 'to', text: string | undefined, timeZone: string): number | undefined {
  if (text === undefined) return undefined;
  const day = at === 'from' ? startOfDay(text, timeZone) : endOfDay(text, timeZone);
  const moment = day ?? (MOMENT.test(text) ? Date.parse(text) : NaN);
  if (!Number.isNaN(moment)) return moment;
  throw invalid([{ at, message: 'expected a day (2026-11-21) or a moment (2026-11-21T09:00:00Z)' }]);
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

const rfc = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

async function metricsOf(deps: AppDeps, query: MetricsQuery) {
  try {
    return await timeLimitOf(deps).ask((records) => records.metrics(query));
  } catch (error) {
    if (error instanceof RecordsDown) throw recordsAway('incidents cannot be counted now');
    throw error;
  }
}
