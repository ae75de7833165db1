/**
 * Paging: resolves who is behind the names of a page request and sends to each of them, all in parallel. If a vendor is
 * in passing trouble, Temporal retries under the same keys; when the time is up, the answer says what is left, and the
 * runbook decides.
 */
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { pageLatenessMs } from '../domain/escalation/page-requests.ts';
import type { PageDelivery } from '../domain/kernel/events.ts';
import type { PageRequest } from '../domain/kernel/outbox.ts';
import { isFinalFailure } from '../runtime/failures.ts';
import { audibleAtFor, pageQuietUntil } from './page-recipients.ts';
import { now, triedForMs } from './clock.ts';
import type { Contact, Directory, Page, Ports } from './ports.ts';
import type { Recipient } from './page-recipients.ts';
import { recipientsOf } from './page-recipients.ts';
import type { PageActivityInput, PageActivityResult } from './types.ts';

/** An attempt that begins later than this after the first is the last, so that a call ends after about a minute. */
const TRYING_MS = 44_000;

/** An attempt ends itself before Temporal would end it: what is not out by then is for the next. */
const ATTEMPT_MS = 12_000;

/** What earlier attempts of the same call have settled, by key. */
type SettledDeliveries = Record<string, PageDelivery>;

interface PageAttempt {
  readonly attempt: number;
  readonly settled: SettledDeliveries;
  readonly signal: AbortSignal;
  /** When the call was made, epoch ms. */
  readonly at: number;
}

export function createPage(ports: Ports): (request: PageActivityInput) => Promise<PageActivityResult> {
  return async (request) => {
    const { scheduledTimestampMs, attempt, ...info } = activityInfo();
    const settled: SettledDeliveries = { ...(info.heartbeatDetails as SettledDeliveries | undefined) };
    const before = Object.keys(settled).length;
    // As of when the call was made, so that a retry pages the same people though a shift has ended meanwhile.
    const found = recipientsOf(ports.directory, request, scheduledTimestampMs);
    const signal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(ATTEMPT_MS)]);
    const pageAttempt: PageAttempt = { attempt, settled, signal, at: scheduledTimestampMs };
    const results = await Promise.all(
      found.people.map((recipient) => pagePerson(ports, request, recipient, pageAttempt)),
    );
    const mustRetry = results.includes('unreached');
    // Report at once what was accepted: somebody may answer, and cancel this call, before the rest is through.
    const hasNewAcceptance =
      Object.keys(settled).length > before && Object.values(settled).some(({ state }) => state === 'accepted');
    if (mustRetry && !hasNewAcceptance && triedForMs() < TRYING_MS) {
      heartbeat(settled);
      throw ApplicationFailure.retryable('a provider did not take the page', 'PageNotTaken');
    }
    return {
      deliveries: Object.values(settled),
      methods: Math.max(0, ...found.people.map(({ person }) => ports.directory.contacts(person).length)),
      unknownNames: found.unknown,
      mustRetry,
      audibleAt: audibleAtFor(ports, request, found.people, scheduledTimestampMs),
    };
  };
}

/** Tries one person's methods: those of this rule, and with each retry one more; only quiet ones in quiet hours. */
async function pagePerson(
  ports: Ports,
  request: PageActivityInput,
  recipient: Recipient,
  pageAttempt: PageAttempt,
): Promise<'reached' | 'unreached' | 'failed'> {
  const { pageRequest, test } = request;
  const { person } = recipient;
  if (test && ports.directory.quietUntil(person, pageAttempt.at) !== null) return 'failed';
  const isQuiet = pageQuietUntil(ports, request, person, pageAttempt.at) !== null;
  const contacts = ports.directory.contacts(person).filter(({ quiet }) => quiet || !isQuiet);
  // Quiet methods need not go one after the other.
  const first = pageRequest.method === 'all' || isQuiet ? 0 : pageRequest.method;
  const upTo = pageRequest.method === 'all' || isQuiet ? contacts.length : first + pageAttempt.attempt;
  let outcome: 'reached' | 'unreached' | 'failed' = 'failed';
  const trySome = async (some: readonly Contact[]): Promise<void> => {
    const outcomes = await Promise.all(
      some.map((contact) => sendPage(ports, request, recipient, contact, pageAttempt)),
    );
    if (outcomes.includes('accepted')) outcome = 'reached';
    else if (outcomes.includes('again') && outcome === 'failed') outcome = 'unreached';
  };
  await trySome(contacts.slice(first, upTo));
  // When a method has failed for good, the person's next one is tried at once.
  for (let next = upTo; outcome === 'failed' && next < contacts.length; next += 1) {
    await trySome(contacts.slice(next, next + 1));
  }
  return outcome;
}

/** One page by one method; what is settled is never sent again. */
async function sendPage(
  ports: Ports,
  request: PageActivityInput,
  recipient: Recipient,
  contact: Contact,
  { settled, signal }: PageAttempt,
): Promise<'accepted' | 'final' | 'again'> {
  const page = composePageMessage(ports, request, recipient, contact.method);
  const before = settled[page.key];
  if (before) return before.state === 'accepted' ? 'accepted' : 'final';
  if (request.pageRequest.accepted.includes(page.key)) return 'accepted';
  const settle = (state: 'accepted' | 'failed', reason: string | null): void => {
    const { person: to, level } = recipient;
    settled[page.key] = { at: now(), to, method: contact.method, key: page.key, state, reason, level };
  };
  try {
    await contact.send(page, signal);
    settle('accepted', null);
    return 'accepted';
  } catch (err) {
    if (!isFinalFailure(err)) return 'again';
    settle('failed', err instanceof Error ? err.message : 'failed');
    return 'final';
  }
}

function composePageMessage(
  ports: Ports,
  request: PageActivityInput,
  { person, level, attempt }: Recipient,
  method: string,
): Page {
  const { incident, pageRequest, test } = request;
  const { workflowId, id: incidentId, severity, title } = incident;
  const lateByMs = pageLatenessMs(pageRequest, now());
  const late = lateByMs > 0 ? ` (late by ${Math.round(lateByMs / 60_000)} min)` : '';
  return {
    key: `${incidentId}/page/${pageRequest.cycle}.${level}.${attempt}/${person}.${method}`,
    kind: test ? 'test' : 'page',
    reason: pageRequest.reason,
    to: person,
    level,
    cycle: pageRequest.cycle,
    attempt,
    lateByMs,
    text: `${test ? 'TEST ' : ''}${severity} ${title}${namesForText(pageRequest.groups)}${late}`,
    incident: { ...incident, url: ports.links.incident(workflowId) },
    ...namedIncidents(ports, pageRequest),
    acknowledgeUrl: ports.links.acknowledge({ workflowId, incidentId, person, cycle: pageRequest.cycle }),
  };
}

const NAMES_IN_TEXT = 3;

/** The first groups of a storm, for a lock screen. */
function namesForText(groups: PageRequest['groups'] = []): string {
  if (groups.length === 0) return '';
  const names = groups.slice(0, NAMES_IN_TEXT).map(({ title }) => title);
  const more = groups.length - names.length;
  return `: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function namedIncidents({ links }: Ports, { groups }: PageRequest): Pick<Page, 'incidents'> {
  if (groups === undefined) return {};
  return {
    incidents: groups.map(({ workflowId, title, severity, service }) => ({
      workflowId,
      title,
      severity,
      service,
      url: links.incident(workflowId),
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
