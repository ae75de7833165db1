/** A fallback page, built from the group's alerts alone and sent to one person by that person's methods. */
import type { Logger } from 'pino';
import type { Contact, Page } from '../../../activities/ports.ts';
import { pageLine } from '../../../domain/escalation/page-line.ts';
import type { PagedIncident } from '../../../domain/escalation/page-requests.ts';
import { DeliveryError } from '../../../runtime/failures.ts';
import type { AcknowledgeLink } from '../../../runtime/digests.ts';
import { withTimeout } from '../circuit-breaker.ts';
import type { PagingAlerts } from './fallback-groups.ts';

export interface PagePersonParts {
  readonly contacts: readonly Contact[];
  readonly page: Page;
  readonly allAtOnce: boolean;
  /** Aborts when the process ends. */
  readonly signal: AbortSignal;
  /** A provider took it. Awaited. */
  readonly onAccepted: (method: string) => Promise<void>;
  readonly log: Pick<Logger, 'warn'>;
}

/** If a method has not answered by then, the next is tried. */
const METHOD_MS = 8_000;
const LATE_MS = METHOD_MS + 500;

/**
 * Tries loud methods in turn until one accepts, or all at once. True when one accepted, or a quiet one of somebody who
 * has no other. When every loud one failed, the quiet ones are tried too, but do not count as reached. Never rejects.
 */
export async function pagePerson(parts: PagePersonParts): Promise<boolean> {
  const { contacts, allAtOnce } = parts;
  const audible = contacts.filter(({ quiet }) => !quiet);
  if (allAtOnce) {
    const accepted = await Promise.all(audible.map((contact) => isAccepted(contact, parts)));
    if (accepted.includes(true)) return true;
  } else {
    for (const contact of audible) if (await isAccepted(contact, parts)) return true;
  }
  for (const contact of contacts) {
    if (contact.quiet && (await isAccepted(contact, parts))) return audible.length === 0;
  }
  return false;
}

async function isAccepted(contact: Contact, { page, signal, onAccepted, log }: PagePersonParts): Promise<boolean> {
  const { method } = contact;
  const sending = contact.send(page, AbortSignal.any([signal, AbortSignal.timeout(METHOD_MS)]));
  try {
    await withTimeout(LATE_MS, sending, noAnswer);
  } catch (err) {
    // Our providers' messages contain no address and no secret; other errors may.
    const reason = err instanceof Error ? (err instanceof DeliveryError ? err.message : err.name) : 'failed';
    log.warn({ to: page.to, method, key: page.key, reason }, 'fallback page failed');
    return false;
  }
  await onAccepted(method);
  return true;
}

const noAnswer = (): Error => new DeliveryError('provider', { code: 'no answer in time' });

export interface FallbackPageParts {
  readonly key: string;
  readonly to: string;
  readonly level: number;
  /** The worst first; more than one when the page lists them. */
  readonly messages: readonly [PagingAlerts, ...PagingAlerts[]];
  readonly lateByMs: number;
  readonly links: {
    incident(incident: { readonly workflowId: string; readonly id: string }): string;
    acknowledge(link: AcknowledgeLink): string;
  };
}

const WHY = 'Temporal is unreachable, so Tocsin is paging you directly';

/** Fallback paging runs through the levels once. */
const CYCLE = 1;

export function composeFallbackPage({ key, to, level, messages, lateByMs, links }: FallbackPageParts): Page {
  const [lead, ...others] = messages;
  const { workflowId, incidentId } = lead.declaration;
  const incident = pagedIncidentOf(lead);
  const names = others.map(({ declaration }) => declaration.title);
  const runbook = lead.alerts[0]?.links.runbook;
  return {
    key,
    to,
    level,
    lateByMs,
    kind: 'page',
    reason: 'fallback',
    cycle: CYCLE,
    attempt: 1,
    text: pageLine({ ...incident, test: false, kind: '', names, why: WHY, lateByMs }),
    why: WHY,
    calledBy: null,
    incident: {
      ...incident,
      ...(runbook === undefined ? {} : { runbook }),
      url: links.incident({ workflowId, id: incidentId }),
    },
    ...(others.length === 0 ? {} : { incidents: others.map((one) => listedIncident(one, links)) }),
    acknowledgeUrl: links.acknowledge({ workflowId, incidentId, person: to, cycle: CYCLE }),
  };
}

function pagedIncidentOf({ declaration, severity, alerts, firings }: PagingAlerts): PagedIncident {
  const { workflowId, incidentId: id, title, summary, team, service } = declaration;
  return {
    workflowId,
    id,
    title,
    summary,
    team,
    service,
    reference: null,
    severity,
    phase: 'declared',
    alerts,
    alertCount: firings.length,
  };
}

function listedIncident(
  { declaration, severity }: PagingAlerts,
  links: FallbackPageParts['links'],
): NonNullable<Page['incidents']>[number] {
  const { workflowId, incidentId: id, title, service } = declaration;
  return { workflowId, title, severity, service, url: links.incident({ workflowId, id }) };
}
