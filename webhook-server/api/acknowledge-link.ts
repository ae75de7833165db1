/**
 * Acknowledge links: GET shows, POST acts as the person whom the link was sent to. The signature is the credential,
 * bound to incident, person and cycle; it ends when the incident is resolved. The pages are read on a telephone, at
 * night, by someone just awake; no script.
 */
import { z } from 'zod';
import type { AcknowledgeLink } from '../../runtime/digests.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem } from '../http/problem.ts';
import { wantsJson } from '../http/respond.ts';
import { shownBy } from './pages.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import { CommandRefused } from '../incidents/send-command.ts';
import { IncidentsUnavailable, UnknownIncident } from '../incidents/incident-queries.ts';
import type { IncidentReader } from '../incidents/incident-reader.ts';
import { commandAnswerSchema, commandPending } from './commands.ts';
import { text } from './common-schemas.ts';
import { incidentJson, incidentSchema } from './incident-json.ts';
import { incidentUrl, signedIncidentUrl } from '../../config/routing.ts';
import { resolvePeople } from '../../config/policy.ts';
import {
  acknowledgedPage,
  acknowledgePage,
  endedLinkPage,
  waitingAcknowledgePage,
} from '../console/acknowledge-page.tsx';

const acknowledged = z.looseObject({ workflowId: text, url: z.url(), ...commandAnswerSchema.partial().shape });

export function acknowledgeLinkRoutes(deps: AppDeps, reader: IncidentReader): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/ack/:token',
      summary: 'Shows what is to be acknowledged',
      access: 'public',
      page: true,
      body: 'none',
      output: { 200: { 'text/html': text, 'application/json': incidentSchema } },
      handle: (incoming) => withHtmlErrors(deps, incoming, () => showLink(deps, reader, incoming)),
    }),
    defineRoute({
      method: 'POST',
      path: '/ack/:token',
      summary: 'Acknowledges as the person whom the link was sent to',
      access: 'public',
      page: true,
      body: 'none',
      output: {
        200: { 'text/html': text, 'application/json': acknowledged },
        202: { 'text/html': text, 'application/json': commandPending },
      },
      audited: { command: 'acknowledge', via: 'link' },
      handle: (incoming) => withHtmlErrors(deps, incoming, () => acknowledgeByLink(deps, reader, incoming)),
    }),
  ];
}

async function showLink(deps: AppDeps, reader: IncidentReader, incoming: RouteRequest): Promise<RouteResponse> {
  const link = linkOf(deps, incoming);
  const view = await incidentOf(deps, reader, link);
  if (wantsJson(incoming.req)) {
    if (!view) throw unavailable();
    if (isHidden(view, link)) throw new HttpProblem(403, 'part of a restricted incident now: POST acknowledges it');
    return { status: 200, json: incidentJson(deps.config(), view), headers: PRIVATE };
  }
  return { status: 200, html: await pageOf(deps, reader, { link, view }), headers: PRIVATE };
}

interface Opened {
  readonly link: AcknowledgeLink;
  readonly view: IncidentView | null;
}

/** The link's incident has become a part of a restricted one: the link still acknowledges, and shows nothing of it. */
const isHidden = ({ restricted, id }: IncidentView, { incidentId }: Pick<AcknowledgeLink, 'incidentId'>): boolean =>
  restricted && id !== incidentId;

/** `view`: null while Temporal is away. Then alerts may wait in the spool, or the records may know the incident. */
async function pageOf(deps: AppDeps, reader: IncidentReader, { link, view }: Opened): Promise<string> {
  const { incidentId, workflowId, person } = link;
  const waiting = view === null ? deps.gateway.pendingGroup(workflowId) : null;
  const recorded =
    view === null && waiting === null ? await reader.incident({ id: incidentId, minSeq: 0 }).catch(() => null) : null;
  const incident = view ?? recorded;
  if (incident === null || isHidden(incident, link)) return waitingAcknowledgePage(waiting);
  return acknowledgePage({
    incident,
    person,
    url: signedIncidentUrl(deps.config(), deps.signer, incident),
    isStale: view === null,
    shown: shownBy(deps),
  });
}

async function acknowledgeByLink(
  deps: AppDeps,
  reader: IncidentReader,
  incoming: RouteRequest,
): Promise<RouteResponse> {
  const { gateway, config, log } = deps;
  const link = linkOf(deps, incoming);
  const { workflowId, incidentId, person, cycle } = link;
  // The same tap twice is one request.
  const requestId = `link:${incidentId}:${cycle}:${person}`;
  incoming.addAuditContext?.({ by: person, workflowId, incidentId, requestId });
  // Checked first: when the incident is over, the command would reach its successor or nobody.
  const view = await incidentOf(deps, reader, link);
  const targetWorkflowId = view?.workflowId ?? workflowId;
  const answer = await gateway.command(targetWorkflowId, { type: 'acknowledge', by: person, incidentId, requestId });
  if (answer !== 'pending') {
    reader.noteReported({ workflowId: targetWorkflowId, incidentId: view?.id ?? incidentId, seq: answer.seq });
    incoming.addAuditContext?.({ changed: answer.changed });
  }
  log.info({ workflowId: targetWorkflowId, by: person, cycle, pending: answer === 'pending' }, 'acknowledged by link');
  const [status, reply] = answer === 'pending' ? [202, { pending: true }] : [200, answer];
  if (wantsJson(incoming.req)) {
    const url = incidentUrl(config(), targetWorkflowId);
    return { status, json: { workflowId: targetWorkflowId, url, ...reply }, headers: PRIVATE };
  }
  return { status, html: await answerPage(deps, answer, { link, view }), headers: PRIVATE };
}

/** Who has it now is asked anew. */
async function answerPage(deps: AppDeps, answer: CommandAnswer | 'pending', { link, view }: Opened): Promise<string> {
  const { config, signer, gateway } = deps;
  const { workflowId, id } = view ?? { workflowId: link.workflowId, id: link.incidentId };
  const incident = answer === 'pending' ? null : await gateway.show(workflowId).catch(() => null);
  const hides = [view, incident].some((one) => one !== null && isHidden(one, link));
  return acknowledgedPage({
    text: answer === 'pending' ? RECORDED : answer.text,
    incident: hides ? null : incident,
    person: link.person,
    url: hides ? incidentUrl(config(), workflowId) : signedIncidentUrl(config(), signer, { workflowId, id }),
    shown: shownBy(deps),
  });
}

const RECORDED = 'Recorded: it takes effect as soon as Temporal and its workers are back';

function linkOf({ signer }: AppDeps, { params }: RouteRequest): AcknowledgeLink {
  const link = signer.verify(params['token'] ?? '');
  if (!link) throw new HttpProblem(404, 'no such link');
  return link;
}

class LinkEnded extends HttpProblem {
  /** The one that is over; null: another has taken its place, it is forgotten, or the link may not show it. */
  readonly incident: IncidentView | null;
  constructor(incident: IncidentView | null) {
    super(410, 'this link has ended');
    this.incident = incident;
  }
}

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
  link: Pick<AcknowledgeLink, 'workflowId' | 'incidentId'>,
  hops = 0,
): Promise<IncidentView | null> {
  const { gateway } = deps;
  const { workflowId, incidentId } = link;
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
    if (!isMeant || !isOpen(view.phase)) throw new LinkEnded(isMeant && !isHidden(view, link) ? view : null);
    return view;
  } catch (error) {
    if (error instanceof UnknownIncident && hasSpooledAlerts()) return null;
    if (!(error instanceof IncidentsUnavailable)) throw error;
    // An old link must not silence what fires now.
    const last = await reader.incident({ id: incidentId, minSeq: 0 }).catch(() => null);
    if (last !== null && !isOpen(last.phase)) throw new LinkEnded(isHidden(last, link) ? null : last);
    return null;
  }
}

/** Shows failures as a page, for people; passes those that are not ours to the common handler. */
async function withHtmlErrors(
  deps: AppDeps,
  incoming: RouteRequest,
  act: () => Promise<RouteResponse>,
): Promise<RouteResponse> {
  try {
    return await act();
  } catch (error) {
    const problem = problemFor(error);
    if (!(problem instanceof LinkEnded) || wantsJson(incoming.req)) throw problem ?? error;
    return { status: problem.status, html: endedPage(deps, problem), headers: PRIVATE };
  }
}

/** Says what became of it, and whom to call now. */
function endedPage(deps: AppDeps, { incident }: LinkEnded): string {
  const config = deps.config();
  const onCall = incident === null ? null : resolvePeople(config, 'onCall', incident.team);
  return endedLinkPage({ incident, onCall: onCall ?? [], shown: shownBy(deps) });
}

/** Null: not ours to explain. */
function problemFor(error: unknown): HttpProblem | null {
  if (error instanceof HttpProblem) return error;
  if (error instanceof CommandRefused || error instanceof UnknownIncident) return new LinkEnded(null);
  return error instanceof IncidentsUnavailable ? unavailable() : null;
}

function unavailable(): HttpProblem {
  return new HttpProblem(503, 'Not acknowledged: Tocsin cannot reach its workers. Try again in a few seconds', {
    headers: { 'Retry-After': '5' },
  });
}

const PRIVATE = { 'Cache-Control': 'no-store' };
