/**
 * Paging: resolves who is behind the names of a page request and sends to each of them by their methods, all in
 * parallel. page-call.ts says how long a call lives and what it returns; the runbook decides what follows.
 */
import { ApplicationFailure } from '@temporalio/common';
import { pageLatenessMs } from '../domain/escalation/page-requests.ts';
import type { PageReason, PageRequest } from '../domain/kernel/outbox.ts';
import { now } from './clock.ts';
import { PageCall } from './page-call.ts';
import type { Contact, Directory, Page, Ports } from './ports.ts';
import type { Recipient } from './page-recipients.ts';
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
  const { workflowId, id: incidentId, severity, title } = incident;
  const lateByMs = pageLatenessMs(pageRequest, now());
  const lateMinutes = Math.round(lateByMs / 60_000);
  const late = lateMinutes > 0 ? ` (late by ${lateMinutes} min)` : '';
  return {
    key: pageKey(request, recipient, method),
    kind: test ? 'test' : 'page',
    reason: pageRequest.reason,
    to: person,
    level,
    cycle: pageRequest.cycle,
    attempt,
    lateByMs,
    text: `${test ? 'TEST ' : ''}${severity} ${title}${namesForText(pageRequest.groups)}${WHY_AGAIN[pageRequest.reason] ?? ''}${late}`,
    incident: { ...incident, url: ports.links.incident(incident) },
    ...namedIncidents(ports, request),
    acknowledgeUrl: ports.links.acknowledge({ workflowId, incidentId, person, cycle: pageRequest.cycle }),
  };
}

/** Who was paged for it before would take the same words for a late copy of that page. */
const WHY_AGAIN: Readonly<Partial<Record<PageReason, string>>> = {
  recurrence: ' (it is back)',
  'severity-raised': ' (severity raised)',
};

const NAMES_IN_TEXT = 3;

/** The first groups of a storm, for a lock screen. */
function namesForText(groups: PageRequest['groups'] = []): string {
  if (groups.length === 0) return '';
  const names = groups.slice(0, NAMES_IN_TEXT).map(({ title }) => title);
  const more = groups.length - names.length;
  return `: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
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
