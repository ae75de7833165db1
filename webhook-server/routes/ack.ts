/**
 * Acknowledge links: GET shows, POST acts as the person whom the link was sent to. The signature is the credential,
 * bound to incident, person and cycle; it ends when the incident is resolved.
 */
import type { AcknowledgeLink } from '../../config/signed-links.ts';
import { isOpen } from '../../domain/phase.ts';
import type { IncidentView } from '../../domain/view.ts';
import type { AppDeps } from '../deps.ts';
import { Refused, Unavailable, UnknownIncident } from '../gateway.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import type { Reader } from '../reading/reader.ts';
import { askPage, donePage, sorryPage, type Asked } from './ack-page.ts';
import { incidentUrl, present } from './present.ts';

export function ackRoutes(deps: AppDeps, reader: Reader): readonly Route[] {
  const link = { path: '/ack/:token', access: 'public', body: 'none' } as const;
  return [
    { ...link, method: 'GET', handle: (incoming) => politely(incoming, () => ask(deps, reader, incoming)) },
    {
      ...{ ...link, method: 'POST', audited: { command: 'acknowledge', door: 'link' } },
      handle: (incoming) => politely(incoming, () => acknowledge(deps, reader, incoming)),
    },
  ];
}

async function ask(deps: AppDeps, reader: Reader, incoming: Incoming): Promise<Answer> {
  const link = linkOf(deps, incoming);
  const view = await incidentOf(deps, reader, link);
  if (!wantsJson(incoming)) {
    return { status: 200, html: askPage(view ?? (await lastKnown(deps, reader, link))), headers: PRIVATE };
  }
  if (!view) throw unavailable();
  return { status: 200, json: present(deps.config(), view), headers: PRIVATE };
}

async function acknowledge(deps: AppDeps, reader: Reader, incoming: Incoming): Promise<Answer> {
  const { gateway, config, log } = deps;
  const { workflowId, incidentId, person, cycle } = linkOf(deps, incoming);
  // The same tap twice is one request.
  const requestId = `link:${incidentId}:${cycle}:${person}`;
  incoming.noted?.({ by: person, workflowId, incidentId, requestId });
  // Looked at first: a command to an incident that ended would speak to its successor or to nobody.
  const view = await incidentOf(deps, reader, { workflowId, incidentId });
  const place = view?.workflowId ?? workflowId;
  const answer = await gateway.command(place, { type: 'acknowledge', by: person, incidentId, requestId });
  if (answer !== 'pending') {
    reader.note({ workflowId: place, incidentId: view?.id ?? incidentId, seq: answer.seq });
    incoming.noted?.({ changed: answer.changed });
  }
  log.info({ workflowId: place, by: person, cycle, pending: answer === 'pending' }, 'acknowledged by link');
  const url = incidentUrl(config(), place);
  const [status, said] = answer === 'pending' ? [202, { pending: true }] : [200, answer];
  if (wantsJson(incoming)) return { status, json: { workflowId: place, url, ...said }, headers: PRIVATE };
  const text = answer === 'pending' ? 'Noted: it counts as soon as Temporal and its workers are back' : answer.text;
  return { status, html: donePage(text, url), headers: PRIVATE };
}

/** What is known without Temporal: of alerts that wait in the spool, or what the records say. Null: nothing. */
async function lastKnown(
  { gateway }: AppDeps,
  reader: Reader,
  { workflowId, incidentId }: AcknowledgeLink,
): Promise<Asked | null> {
  const waiting = gateway.known(workflowId);
  if (waiting !== null) return { ...waiting, phase: 'waiting for Temporal', test: false };
  return reader.incident({ id: incidentId, minSeq: 0 }).catch(() => null);
}

function linkOf({ signer }: AppDeps, { params }: Incoming): AcknowledgeLink {
  const link = signer.verify(params['token'] ?? '');
  if (!link) throw new HttpProblem(404, 'no such link');
  return link;
}

const ended = (): HttpProblem => new HttpProblem(410, 'this link has ended');

/** From one merged incident to the next, while words between them are on their way. */
const HOPS_AT_MOST = 10;

/**
 * Throws 410 once the link's incident is over, or another has taken its place. Null while nobody can tell, for want of
 * workers or of Temporal: an acknowledgement is taken all the same, since it is durable without them and says which
 * incident it means.
 */
async function incidentOf(
  deps: AppDeps,
  reader: Reader,
  { workflowId, incidentId }: Pick<AcknowledgeLink, 'workflowId' | 'incidentId'>,
  hops = 0,
): Promise<IncidentView | null> {
  const { gateway } = deps;
  const waits = (): boolean => gateway.known(workflowId) !== null;
  try {
    const view = await gateway.show(workflowId);
    const isMeant = view.id === incidentId || view.aliases?.includes(incidentId) === true;
    // Alerts that wait in the spool may be what the link is about: only their replay tells.
    if (!isMeant && waits()) return null;
    const there = isMeant && view.mergedTo?.isOver === false ? view.mergedTo : null;
    // Merged: the link is about what it is a part of now, which knows its incident.
    if (there !== null && hops < HOPS_AT_MOST) {
      return await incidentOf(deps, reader, { workflowId: there.workflowId, incidentId }, hops + 1);
    }
    if (!isMeant || !isOpen(view.phase)) throw ended();
    return view;
  } catch (error) {
    if (error instanceof UnknownIncident && waits()) return null;
    if (!(error instanceof Unavailable)) throw error;
    // An old link must not silence what fires now.
    const last = await reader.incident({ id: incidentId, minSeq: 0 }).catch(() => null);
    if (last !== null && !isOpen(last.phase)) throw ended();
    return null;
  }
}

/** Failures as a page, for people; everything that is not ours to explain goes on to the common handler. */
async function politely(incoming: Incoming, act: () => Promise<Answer>): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    const problem = explain(error);
    if (!problem) throw error;
    if (wantsJson(incoming)) throw problem;
    const { status, message, extras } = problem;
    return { status, html: sorryPage(message), headers: { ...PRIVATE, ...extras.headers } };
  }
}

/** Null: not ours to explain. */
function explain(error: unknown): HttpProblem | null {
  if (error instanceof HttpProblem) return error;
  if (error instanceof Refused || error instanceof UnknownIncident) return ended();
  return error instanceof Unavailable ? unavailable() : null;
}

function unavailable(): HttpProblem {
  return new HttpProblem(503, 'Not acknowledged: Tocsin cannot reach its workers. Try again in a few seconds', {
    headers: { 'Retry-After': '5' },
  });
}

const PRIVATE = { 'Cache-Control': 'no-store' };

/** Browsers list `text/html` and get a page; `Accept: application/json` gets JSON. */
function wantsJson({ req }: Incoming): boolean {
  const accept = req.headers.accept ?? '';
  return accept.includes('json') && !accept.includes('text/html');
}
