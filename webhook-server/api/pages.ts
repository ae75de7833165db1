/**
 * Pages for people: the front page, and each incident's own, which opens by the signed link that pages and messages
 * carry. The link reads one incident (and what it was merged into), changes nothing, and ends 90 days after the
 * incident began.
 */
import type { IncomingMessage } from 'node:http';
import { decodeTime } from 'ulid';
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import { frontPage } from '../console/plain-pages.tsx';
import { incidentPage, waitingPage } from '../console/incident-page.tsx';
import type { Shown } from '../console/parts.tsx';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem } from '../http/problem.ts';
import { defineRoute, type Route, type RouteRequest } from '../http/route.ts';
import { IncidentsUnavailable, UnknownIncident } from '../incidents/incident-queries.ts';
import type { IncidentReader } from '../incidents/incident-reader.ts';
import { RecordsDown } from '../../records/open-records.ts';
import { text } from './common-schemas.ts';

const PRIVATE = { 'Cache-Control': 'no-store' };
const LINK_DAYS = 90;

export function pageRoutes(deps: AppDeps, reader: IncidentReader): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/',
      summary: 'What this is, and where to go',
      access: 'public',
      page: true,
      body: 'none',
      output: { 200: { 'text/html': text } },
      handle: () => {
        const { organization, publicUrl, statusPage } = deps.config();
        const status = statusPage.url ?? (statusPage.builtin ? `${publicUrl.replace(/\/+$/, '')}/status` : null);
        return { status: 200, html: frontPage(organization.name, status) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/incidents/:id',
      summary: 'One incident, for a person: by the signed `?link=` of pages and messages, or by token',
      access: 'viewer',
      admitsLink: (req) => linkedIncident(deps, req) !== null,
      page: true,
      body: 'none',
      output: { 200: { 'text/html': text } },
      handle: async (incoming) => ({
        status: 200,
        html: await showIncident(deps, reader, incoming),
        headers: PRIVATE,
      }),
    }),
  ];
}

/** How pages write times and names now. */
export function shownBy({ config, now = Date.now }: Pick<AppDeps, 'config' | 'now'>): Shown {
  const { timeZone, people, services } = config();
  return {
    timeZone,
    nameOf: (person) => people.get(person)?.name ?? person,
    linksOf: (service) => services.get(service) ?? { runbook: null, dashboard: null },
    now: now(),
  };
}

/** The id of the incident that the request's link lets read; null without a link that is valid now. */
function linkedIncident({ signer, now = Date.now }: AppDeps, { url = '' }: IncomingMessage): string | null {
  const token = new URLSearchParams(url.split('?').slice(1).join('?')).get('link');
  const incidentId = token === null ? null : signer.verifyIncident(token);
  return incidentId !== null && now() < beganAt(incidentId) + LINK_DAYS * 86_400_000 ? incidentId : null;
}

/** An incident's id is a ULID, which says when it was made. For anything else: long ago. */
function beganAt(incidentId: string): number {
  try {
    return decodeTime(incidentId);
  } catch {
    return -Infinity;
  }
}

async function showIncident(deps: AppDeps, reader: IncidentReader, incoming: RouteRequest): Promise<string> {
  const { id = '' } = incoming.params;
  const { gateway } = deps;
  const linked = linkedIncident(deps, incoming.req);
  try {
    const wanted = await readIncident(reader, id, linked);
    const incident = await afterMerges(reader, wanted);
    const [timeline, { temporal }] = await Promise.all([timelineOf(deps, reader, incident), gateway.state()]);
    const mergedFrom = incident.id === wanted.id ? null : (wanted.reference ?? wanted.title);
    return incidentPage({ incident, timeline, mergedFrom, isStale: temporal === 'down', shown: shownBy(deps) });
  } catch (error) {
    // Its alerts may wait in the spool: it begins when Temporal is back.
    const waiting = gateway.pendingGroup(id);
    if (waiting === null || !isUnreadable(error)) throw error;
    // Anybody can write a path: the link opens its own incident.
    if (linked !== null && !waiting.incidentIds.includes(linked)) throw error;
    return waitingPage(waiting);
  }
}

/**
 * The incident that the path names, where that is the link's: a workflow id is found at once, before the records know
 * it. Else the link's own: an older one, or one that alerts from the spool have joined.
 */
async function readIncident(reader: IncidentReader, id: string, linked: string | null): Promise<IncidentView> {
  if (linked === null) return reader.incident({ id, minSeq: 0 });
  const named = await reader.incident({ id, minSeq: 0 }).catch(orNull);
  return named?.id === linked ? named : reader.incident({ id: linked, minSeq: 0 });
}

const MERGES_FOLLOWED = 10;

/** What it is a part of now. A link to what everybody may know must not open what is restricted. */
async function afterMerges(reader: IncidentReader, wanted: IncidentView): Promise<IncidentView> {
  let incident = wanted;
  for (let hops = 0; incident.mergedInto !== null && hops < MERGES_FOLLOWED; hops += 1) {
    const target = await reader.incident({ id: incident.mergedInto, minSeq: 0 }).catch(orNull);
    if (target === null || (target.restricted && !wanted.restricted)) break;
    incident = target;
  }
  return incident;
}

/** Empty while nobody can tell. */
async function timelineOf(
  { gateway }: AppDeps,
  reader: IncidentReader,
  { workflowId, id }: IncidentView,
): Promise<TimelineView['timeline']> {
  const read = await reader.timeline({ id, minSeq: 0 }).catch(orNull);
  const found = read ?? (await gateway.timeline(workflowId, id).catch(orNull));
  return found?.timeline ?? [];
}

/** It does not exist, or nobody can tell now. */
const isUnreadable = (error: unknown): boolean =>
  [HttpProblem, UnknownIncident, IncidentsUnavailable, RecordsDown].some((known) => error instanceof known);

function orNull(error: unknown): null {
  if (isUnreadable(error)) return null;
  throw error;
}
