/**
 * Paging: resolves who is behind the names of a page request and sends to each of them by their methods, all in
 * parallel. page-call.ts says how long a call lives and what it returns; the runbook decides what follows.
 */
import { ApplicationFailure } from '@temporalio/common';
import { pageLine } from '../domain/escalation/page-line.ts';
import { pageLatenessMs } from '../domain/escalation/page-requests.ts';
import { joinList, truncate } from '../domain/kernel/text.ts';
import { now } from './clock.ts';
import { PageCall } from './page-call.ts';
import type { Contact, Directory, Page, Ports } from './ports.ts';
import type { Recipient } from './page-recipients.ts';
import { type PartsContext, renderParts } from './render-text.ts';
import { SendsUnderWay } from './sends-under-way.ts';
import type { PageActivityInput, PageActivityResult } from './types.ts';

export function createPage(ports: Ports): (request: PageActivityInput) => Promise<PageActivityResult> {
  const sends = new SendsUnderWay();
  return async (request) => {
    const compose = (recipient: Recipient, method: string): Page =>
      composePageMessage(ports, request, recipient, method);
    const keyOf = (recipient: Recipient, method: string): string => pageKey(request, recipient, method);
    return new PageCall({ ports, request, sends, keyOf, compose }).run();
  };
}

/** One for each cycle, level, attempt, person and method of an incident. */
function pageKey(
  { incident, pageRequest }: PageActivityInput,
  { person, level, attempt }: Recipient,
  method: string,
): string {
  return `${incident.id}/page/${pageRequest.cycle}.${level}.${attempt}/${person}.${method}`;
}

function composePageMessage(ports: Ports, request: PageActivityInput, recipient: Recipient, method: string): Page {
  const { person, level, attempt } = recipient;
  const { incident, pageRequest, test } = request;
  const { workflowId, id: incidentId } = incident;
  const { reason, cycle, cause, groups = [] } = pageRequest;
  const lateByMs = pageLatenessMs(pageRequest, now());
  const names = naming(ports, request);
  const why = asSentence(renderParts(cause?.why ?? [], names));
  const runbook = incident.alerts[0]?.links.runbook ?? ports.links.runbook(incident.service);
  return {
    key: pageKey(request, recipient, method),
    kind: test ? 'test' : 'page',
    reason,
    to: person,
    level,
    cycle,
    attempt,
    lateByMs,
    text: pageLine({
      ...incident,
      test,
      kind: renderParts(cause?.kind ?? [], names),
      why,
      names: groups.map(({ title }) => title),
      lateByMs,
    }),
    why,
    calledBy: cause?.calledBy ?? null,
    incident: { ...incident, ...(runbook === null ? {} : { runbook }), url: ports.links.incident(incident) },
    ...namedIncidents(ports, request),
    acknowledgeUrl: ports.links.acknowledge({ workflowId, incidentId, person, cycle }),
  };
}

const WHY_LENGTH = 1_000;

/** On one line: a person's reason may have several. */
function asSentence(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return truncate(line.charAt(0).toUpperCase() + line.slice(1), WHY_LENGTH);
}

/** A policy's names (`onCall`, a schedule) are called by the people behind them. */
function naming({ directory, timeZone }: Ports, { incident }: PageActivityInput): PartsContext {
  const displayName = (name: string): string => {
    const { people } = directory.resolve(name, incident.team, now());
    return people.length === 0
      ? directory.displayName(name)
      : joinList(people.map((person) => directory.displayName(person)));
  };
  return { directory: { displayName }, timeZone };
}

/** Groups of a storm are no incidents of their own: their page is the storm's. */
function namedIncidents({ links }: Ports, { incident, pageRequest }: PageActivityInput): Pick<Page, 'incidents'> {
  const { groups } = pageRequest;
  if (groups === undefined) return {};
  return {
    incidents: groups.map(({ workflowId, title, severity, service }) => ({
      workflowId,
      title,
      severity,
      service,
      url: links.incident(incident),
    })),
  };
}

const NOBODY = 'nobody';
const NULL_CONTACT: Contact = { method: 'null', quiet: true, send: () => Promise.resolve() };
/** One person with one method, which takes every page and reaches nobody. */
const NULL_DIRECTORY: Directory = {
  resolve: () => ({ isKnown: true, people: [NOBODY] }),
  contacts: () => [NULL_CONTACT],
  displayName: (person) => person,
  quietUntil: () => null,
};

/** Pages nobody, for the self-check: the very code that pages people, with nobody behind it. */
export function createPageNullContact(ports: Ports): (request: PageActivityInput) => Promise<void> {
  const page = createPage({ ...ports, directory: NULL_DIRECTORY });
  return async (request) => {
    const { deliveries } = await page(request);
    if (deliveries.length === 1 && deliveries[0]?.state === 'accepted') return;
    throw ApplicationFailure.nonRetryable('the page to nobody did not leave', 'SelfCheckFailed');
  };
}
