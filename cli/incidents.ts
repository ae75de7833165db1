/** Many incidents: asking for them, page by page, and showing them as a table. */
import { SEVERITIES } from '../domain/severity.ts';
import type { Answer, Client } from './client.ts';
import type { Options } from './command.ts';
import { CliError, EXIT } from './failure.ts';
import type { ShownIncident } from './incident-text.ts';
import { table } from './table.ts';
import { lengthOf } from './text.ts';

/** What a list is narrowed by; absent: by nothing. */
export interface Filter {
  readonly openOnly: boolean;
  readonly severity?: string | undefined;
  readonly team?: string | undefined;
  readonly q?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: string | undefined;
}

export interface Page {
  readonly incidents: readonly ShownIncident[];
  /** The cursor of the next page. */
  readonly next: string | null;
  /** Why it may not be the records' own list, or not all of it; null: it is whole. */
  readonly note: string | null;
  /** False: there may be more incidents than these and the next pages hold. */
  readonly complete: boolean;
  readonly now: number;
  readonly answer: Answer;
}

/** No list is longer: a server that always promises another page is not followed for ever. */
const PAGES_AT_MOST = 1000;

export const filterOf = (options: Options): Filter => ({
  openOnly: !options.flag('all'),
  severity: options.text('severity'),
  team: options.text('team'),
});

/** One page. Throws `CliError` (69) for an answer that is no list of incidents. */
export async function pageOf(api: Client, { openOnly, ...filter }: Filter): Promise<Page> {
  const query = new URLSearchParams(openOnly ? { open: 'true' } : {});
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, value);
  const answer = await api.get(`/api/v1/incidents${query.size === 0 ? '' : `?${query.toString()}`}`);
  const { incidents, next } = answer.body;
  if (!Array.isArray(incidents)) {
    throw new CliError(EXIT.unavailable, `no answer: status ${answer.status} without a list of incidents`, {
      hint: 'is that another service? Check TOCSIN_URL',
    });
  }
  return {
    incidents: incidents as ShownIncident[],
    next: typeof next === 'string' && next !== '' ? next : null,
    note: noteOf(answer),
    complete: answer.body['complete'] !== false,
    now: answer.now,
    answer,
  };
}

function noteOf({ body: { source, records, complete } }: Answer): string | null {
  const more = complete === false ? '; there may be more' : '';
  if (source !== 'temporal') return more === '' ? null : 'the list may lack the newest incidents';
  const state = records === 'starting' ? 'starting' : records === 'up' ? 'catching up' : 'away';
  return `records are ${state}: open incidents read from Temporal${more}`;
}

/** All pages, from the filter's own cursor on. */
export async function allPagesOf(api: Client, filter: Filter): Promise<Page> {
  const first = await pageOf(api, filter);
  const incidents = [...first.incidents];
  let last = first;
  for (let pages = 1; last.next !== null; pages += 1) {
    const before = last.next;
    last = await pageOf(api, { ...filter, cursor: before });
    if (last.next === before || pages >= PAGES_AT_MOST) {
      throw new CliError(EXIT.unavailable, 'the list has no end: the server names the same next page again and again');
    }
    incidents.push(...last.incidents);
  }
  return { ...last, incidents };
}

/** The worst first, the newest of them first. */
export function worstFirst(incidents: readonly ShownIncident[]): readonly ShownIncident[] {
  const rank = ({ severity }: ShownIncident): number => SEVERITIES.findIndex((known) => known === severity);
  const age = ({ declaredAt }: ShownIncident): number => Date.parse(declaredAt ?? '') || 0;
  return [...incidents].sort((one, other) => rank(one) - rank(other) || age(other) - age(one));
}

export function tableOf(incidents: readonly ShownIncident[], now: number): string {
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

function whoHas({ roles, acknowledgedBy }: ShownIncident): string {
  return roles?.ic ?? acknowledgedBy ?? 'nobody yet';
}

function ageOf({ declaredAt }: ShownIncident, now: number): string {
  const at = Date.parse(declaredAt ?? '');
  return Number.isNaN(at) ? '–' : lengthOf(Math.max(0, now - at));
}
