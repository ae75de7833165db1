/**
 * Acknowledge links: GET shows, POST acts as the person whom the link was sent to. The signature is the credential,
 * bound to incident, person and cycle; it ends when the incident is resolved. The pages are read on a telephone, at
 * night, by someone just awake; no script.
 */
import { z } from 'zod';
import type { AcknowledgeLink } from '../../runtime/digests.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import { CommandRefused } from '../incidents/send-command.ts';
import { IncidentsUnavailable, UnknownIncident } from '../incidents/incident-queries.ts';
import type { IncidentReader } from '../incidents/incident-reader.ts';
import { commandAnswerSchema, commandPending } from './commands.ts';
import { text } from './common-schemas.ts';
import { incidentJson, incidentSchema } from './incident-json.ts';
import { incidentUrl } from '../../config/routing.ts';
import {
  acknowledgedPage,
  confirmPage,
  notAcknowledgedPage,
  type AcknowledgePageIncident,
} from '../console/acknowledge-page.tsx';

const acknowledged = z.looseObject({ workflowId: text, url: z.url(), ...commandAnswerSchema.partial().shape });

export function acknowledgeLinkRoutes(deps: AppDeps, reader: IncidentReader): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/ack/:token',
      summary: 'Shows what is to be acknowledged',
      access: 'public',
      body: 'none',
      output: { 200: { 'text/html': text, 'application/json': incidentSchema } },
      handle: (incoming) => withHtmlErrors(incoming, () => showLink(deps, reader, incoming)),
    }),
    defineRoute({
      method: 'POST',
      path: '/ack/:token',
      summary: 'Acknowledges as the person whom the link was sent to',
      access: 'public',
      body: 'none',
      output: {
        200: { 'text/html': text, 'application/json': acknowledged },
        202: { 'text/html': text, 'application/json': commandPending },
      },
      audited: { command: 'acknowledge', via: 'link' },
      handle: (incoming) => withHtmlErrors(incoming, () => acknowledgeByLink(deps, reader, incoming)),
    }),
  ];
}

async function showLink(deps: AppDeps, reader: IncidentReader, incoming: RouteRequest): Promise<RouteResponse> {
  const link = linkOf(deps, incoming);
  const view = await incidentOf(deps, reader, link);
  if (!wantsJson(incoming)) {
    return { status: 200, html: confirmPage(view ?? (await withoutTemporal(deps, reader, link))), headers: PRIVATE };
  }
  if (!view) throw unavailable();
  return { status: 200, json: incidentJson(deps.config(), view), headers: PRIVATE };
}

async function acknowledgeByLink(
  deps: AppDeps,
  reader: IncidentReader,
  incoming: RouteRequest,
): Promise<RouteResponse> {
  const { gateway, config, log } = deps;
  const { workflowId, incidentId, person, cycle } = linkOf(deps, incoming);
  // The same tap twice is one request.
  const requestId = `link:${incidentId}:${cycle}:${person}`;
  incoming.addAuditContext?.({ by: person, workflowId, incidentId, requestId });
  // Checked first: when the incident is over, the command would reach its successor or nobody.
  const view = await incidentOf(deps, reader, { workflowId, incidentId });
  const targetWorkflowId = view?.workflowId ?? workflowId;
  const answer = await gateway.command(targetWorkflowId, { type: 'acknowledge', by: person, incidentId, requestId });
  if (answer !== 'pending') {
    reader.noteReported({ workflowId: targetWorkflowId, incidentId: view?.id ?? incidentId, seq: answer.seq });
    incoming.addAuditContext?.({ changed: answer.changed });
  }
  log.info({ workflowId: targetWorkflowId, by: person, cycle, pending: answer === 'pending' }, 'acknowledged by link');
  const url = incidentUrl(config(), targetWorkflowId);
  const [status, reply] = answer === 'pending' ? [202, { pending: true }] : [200, answer];
  if (wantsJson(incoming)) return { status, json: { workflowId: targetWorkflowId, url, ...reply }, headers: PRIVATE };
  const text =
    answer === 'pending' ? 'Recorded: it takes effect as soon as Temporal and its workers are back' : answer.text;
  return { status, html: acknowledgedPage(text, url), headers: PRIVATE };
}

/** What is known without Temporal: from alerts that wait in the spool, or from the records. Null: nothing. */
async function withoutTemporal(
  { gateway }: AppDeps,
  reader: IncidentReader,
  { workflowId, incidentId }: AcknowledgeLink,
): Promise<AcknowledgePageIncident | null> {
  const spooled = gateway.pendingGroup(workflowId);
  if (spooled !== null) return { ...spooled, phase: 'waiting for Temporal', test: false };
  return reader.incident({ id: incidentId, minSeq: 0 }).catch(() => null);
}

function linkOf({ signer }: AppDeps, { params }: RouteRequest): AcknowledgeLink {
  const link = signer.verify(params['token'] ?? '');
  if (!link) throw new HttpProblem(404, 'no such link');
  return link;
}

const ended = (): HttpProblem => new HttpProblem(410, 'this link has ended');

/** From one merged incident to the next, while messages between them are on their way. */
const MERGE_HOPS_LIMIT = 10;

/**
 * Throws 410 once the link's incident is over, or another has taken its place. Null while nobody can tell because
 * workers or Temporal are down: an acknowledgement is taken all the same, since it is durable without them and says
 * which incident it means.
 */
async function incidentOf(
  deps: AppDeps,
  reader: IncidentReader,
  { workflowId, incidentId }: Pick<AcknowledgeLink, 'workflowId' | 'incidentId'>,
  hops = 0,
): Promise<IncidentView | null> {
  const { gateway } = deps;
  const hasSpooledAlerts = (): boolean => gateway.pendingGroup(workflowId) !== null;
  try {
    const view = await gateway.show(workflowId);
    const isMeant = view.id === incidentId || view.aliases?.includes(incidentId) === true;
    // Alerts that wait in the spool may be what the link is about: only their replay tells.
    if (!isMeant && hasSpooledAlerts()) return null;
    const mergedInto = isMeant && view.mergedTo?.isOver === false ? view.mergedTo : null;
    // Merged: the link is about what it is a part of now, which knows its incident.
    if (mergedInto !== null && hops < MERGE_HOPS_LIMIT) {
      return await incidentOf(deps, reader, { workflowId: mergedInto.workflowId, incidentId }, hops + 1);
    }
    if (!isMeant || !isOpen(view.phase)) throw ended();
    return view;
  } catch (error) {
    if (error instanceof UnknownIncident && hasSpooledAlerts()) return null;
    if (!(error instanceof IncidentsUnavailable)) throw error;
    // An old link must not silence what fires now.
    const last = await reader.incident({ id: incidentId, minSeq: 0 }).catch(() => null);
    if (last !== null && !isOpen(last.phase)) throw ended();
    return null;
  }
}

/** Shows failures as a page, for people; passes those that are not ours to the common handler. */
async function withHtmlErrors(incoming: RouteRequest, act: () => Promise<RouteResponse>): Promise<RouteResponse> {
  try {
    return await act();
  } catch (error) {
    const problem = problemFor(error);
    if (!problem) throw error;
    if (wantsJson(incoming)) throw problem;
    const { status, message, extras } = problem;
    return { status, html: notAcknowledgedPage(message), headers: { ...PRIVATE, ...extras.headers } };
  }
}

/** Null: not ours to explain. */
function problemFor(error: unknown): HttpProblem | null {
  if (error instanceof HttpProblem) return error;
  if (error instanceof CommandRefused || error instanceof UnknownIncident) return ended();
  return error instanceof IncidentsUnavailable ? unavailable() : null;
}

function unavailable(): HttpProblem {
  return new HttpProblem(503, 'Not acknowledged: Tocsin cannot reach its workers. Try again in a few seconds', {
    headers: { 'Retry-After': '5' },
  });
}

const PRIVATE = { 'Cache-Control': 'no-store' };

/** Browsers list `text/html` and get a page; `Accept: application/json` gets JSON. */
function wantsJson({ req }: RouteRequest): boolean {
  const accept = req.headers.accept ?? '';
  return accept.includes('json') && !accept.includes('text/html');
}
