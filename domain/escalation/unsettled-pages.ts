/**
 * Methods of a page that are neither accepted nor given up: what their calls leave of a page request, when it is called
 * for again, and what the record says of them once nobody wants the page any more. Pure.
 */
import type { EventOf, IncidentEvent, PageDelivery } from '../kernel/events.ts';
import type { Delivery, Incident } from '../kernel/incident.ts';
import type { PageRequest, UnsettledPage } from '../kernel/outbox.ts';
import { isOpen } from '../kernel/phase.ts';
import { outlivesEscalation } from './page-requests.ts';

/** For how long a level's page is tried before the next level starts beside it, ms. A call ends a little later. */
export const TRYING_MS = 46_000;

/** A call waits this long by itself for its next try; for a longer `Retry-After` the workflow waits. */
const LONGEST_WAIT_IN_CALL_MS = 10_000;

/** The page requests after a call of one of them has returned. */
export function afterCall(pages: readonly PageRequest[], event: EventOf<'paged'>): readonly PageRequest[] {
  const keysOf = (wanted: Delivery['state']): readonly string[] =>
    event.deliveries.filter(({ state }) => state === wanted).map(({ key }) => key);
  return pages.flatMap((page) => {
    if (page.n !== event.requestNumber) return [page];
    if (!event.again) return [];
    const accepted = [...page.accepted, ...keysOf('accepted')];
    if (event.unsettled === undefined) return [{ ...page, accepted }];
    const givenUp = [...(page.givenUp ?? []), ...keysOf('failed')];
    const triedSince = page.triedSince ?? event.calledAt ?? event.at;
    return [{ ...page, accepted, givenUp, unsettled: event.unsettled, triedSince }];
  });
}

/**
 * The page requests that outlive the escalation, after `event`: a person who has answered is not paged any more, and
 * nobody is once the incident is over, unless the page has reached nobody at all and is not one of a call.
 */
export function outlivingPages(
  pages: readonly PageRequest[],
  { phase, outcome }: Incident,
  event: IncidentEvent,
): readonly PageRequest[] {
  const wanted = isOpen(phase)
    ? pages
    : pages.filter(
        (page) =>
          !outlivesEscalation(page) || ((page.call === undefined || outcome === 'merged') && hasReachedNobody(page)),
      );
  if (event.type !== 'acknowledged' && event.type !== 'seen' && event.type !== 'still-on-it') return wanted;
  return wanted.map((page) => (outlivesEscalation(page) ? { ...page, except: [...page.except, event.by] } : page));
}

const hasReachedNobody = ({ unsettled, accepted }: PageRequest): boolean =>
  unsettled === undefined || accepted.length === 0;

/** Until when the next call of the page request would have nothing to do, epoch ms; 0: it has something to do soon. */
export function pausedUntil({ unsettled = [] }: PageRequest, now: number): number {
  const next = Math.min(...unsettled.map(({ retryAt }) => retryAt));
  return Number.isFinite(next) && next - now > LONGEST_WAIT_IN_CALL_MS ? next : 0;
}

/** True while a page to `person` is being tried by some method. */
export function isStillPaging({ outbox }: Incident, person: string): boolean {
  return outbox.pages.some(({ unsettled = [] }) => unsettled.some(({ to }) => to === person));
}

/** The deliveries that give up what a call has left unsettled, because `why`. */
export function givenUp(unsettled: readonly UnsettledPage[], why: string, at: number): readonly PageDelivery[] {
  return unsettled.map(({ to, method, key, level, reason }) => {
    return { at, to, method, key, level, state: 'failed', reason: `${reason ?? 'no answer'}; ${why}` };
  });
}

/** What becomes of the methods still being tried of pages that `event` has made void. */
export function abandonedDeliveries(before: Incident, after: Incident, event: IncidentEvent): readonly Delivery[] {
  if (before.outbox.pages === after.outbox.pages) return [];
  const left = new Set(after.outbox.pages.map(({ n }) => n));
  const reported = new Set('deliveries' in event ? event.deliveries.map(({ key }) => key) : []);
  const abandoned = before.outbox.pages
    .filter(({ n }) => !left.has(n))
    .flatMap(({ unsettled = [] }) => unsettled.filter(({ key }) => !reported.has(key)));
  return givenUp(abandoned, event.type === 'acknowledged' ? 'acknowledged meanwhile' : 'no longer needed', event.at);
}

/** True when a later call of a page brings nothing that people should read. */
export function bringsNoNews({ outbox }: Incident, event: EventOf<'paged'>): boolean {
  if (event.unsettled === undefined) return false;
  const request = outbox.pages.find(({ n }) => n === event.requestNumber);
  return request?.unsettled !== undefined && event.deliveries.every(({ state }) => state === 'sending');
}
