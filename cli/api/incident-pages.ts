/** Many incidents: asking for them, page by page, and showing them as a table. */
import { roughDuration } from '../../domain/kernel/duration.ts';
import { SEVERITIES } from '../../domain/kernel/severity.ts';
import { pathWith, type ApiClient, type ApiResponse } from './api-client.ts';
import type { CommandOptions } from '../command.ts';
import { CliError, EXIT, noAnswer } from '../cli-error.ts';
import type { ApiIncident } from '../text/incident-text.ts';
import { table } from '../text/terminal-text.ts';

/** The list's filters; an absent one does not apply. */
export interface IncidentFilter {
  readonly openOnly: boolean;
  readonly severity?: string | undefined;
  readonly team?: string | undefined;
  readonly q?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: string | undefined;
}

export interface FetchedPage {
  readonly incidents: readonly ApiIncident[];
  /** The cursor of the next page. */
  readonly next: string | null;
  /** Why it may not be the records' own list, or not all of it; null: it is whole. */
  readonly note: string | null;
  /** False: there may be more incidents than these and the next pages hold. */
  readonly complete: boolean;
  readonly now: number;
  readonly answer: ApiResponse;
}

/** The longest list that we follow, so that a server that always promises another page cannot keep us busy for ever. */
const PAGES_AT_MOST = 1000;

export const filterOf = (options: CommandOptions): IncidentFilter => ({
  openOnly: !options.flag('all'),
  severity: options.text('severity'),
  team: options.text('team'),
});

/** One page. Throws `CliError` (69) for an answer that is no list of incidents. */
export async function fetchPage(api: ApiClient, { openOnly, ...filter }: IncidentFilter): Promise<FetchedPage> {
  const open = openOnly ? 'true' : undefined;
  const answer = await api.get(pathWith('/api/v1/incidents', { open, ...filter }));
  const { incidents, next } = answer.body;
  if (!Array.isArray(incidents)) throw noAnswer(`no answer: status ${answer.status} without a list of incidents`);
  return {
    incidents: incidents as ApiIncident[],
    next: typeof next === 'string' && next !== '' ? next : null,
    note: noteOf(answer),
    complete: answer.body['complete'] !== false,
    now: answer.now,
    answer,
  };
}

function noteOf({ body: { source, records, complete } }: ApiResponse): string | null {
  const more = complete === false ? '; there may be more' : '';
  if (source !== 'temporal') return more === '' ? null : 'the newest incidents may be missing';
  const state = records === 'starting' ? 'starting' : records === 'up' ? 'catching up' : 'down';
  return `records are ${state}: open incidents read from Temporal${more}`;
}

/** All pages, from the filter's own cursor on. */
export async function fetchAllPages(api: ApiClient, filter: IncidentFilter): Promise<FetchedPage> {
  const first = await fetchPage(api, filter);
  const incidents = [...first.incidents];
  let last = first;
  for (let pages = 1; last.next !== null; pages += 1) {
    const before = last.next;
    last = await fetchPage(api, { ...filter, cursor: before });
    if (last.next === before || pages >= PAGES_AT_MOST) {
      throw new CliError(EXIT.unavailable, 'the list never ends: the server keeps naming the same next page');
    }
    incidents.push(...last.incidents);
  }
  return { ...last, incidents };
}

/** The worst first, the newest of them first. */
export function worstFirst(incidents: readonly ApiIncident[]): readonly ApiIncident[] {
  const rank = ({ severity }: ApiIncident): number => SEVERITIES.findIndex((known) => known === severity);
  const age = ({ declaredAt }: ApiIncident): number => Date.parse(declaredAt ?? '') || 0;
  return [...incidents].sort((one, other) => rank(one) - rank(other) || age(other) - age(one));
}

export function incidentTable(incidents: readonly ApiIncident[], now: number): string {
  return table(
    ['id', 'severity', 'phase', 'age', 'who', 'title'],
    worstFirst(incidents).map((incident) => [
      incident.reference ?? incident.workflowId,
      incident.severity ?? '–',
      incident.phase,
      ageOf(incident, now),
      whoHas(incident),
      `${incident.test ? '[TEST] ' : ''}${incident.title ?? ''}`,
    ]),
  );
}

function whoHas({ roles, acknowledgedBy }: ApiIncident): string {
  return roles?.ic ?? acknowledgedBy ?? 'nobody yet';
}

function ageOf({ declaredAt }: ApiIncident, now: number): string {
  const at = Date.parse(declaredAt ?? '');
  return Number.isNaN(at) ? '–' : roughDuration(Math.max(0, now - at));
}
