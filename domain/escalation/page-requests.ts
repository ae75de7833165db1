/** How long an order to page stands, and how late it leaves. Pure. */
import { TIMER_DRIFT_MS } from './escalation.ts';
import type { Incident } from '../kernel/incident.ts';
import type { PageRequest } from '../kernel/outbox.ts';
import { OUTSIDE_ESCALATION } from '../kernel/outbox.ts';

/** An answer stops the chain on every medium; it does not unsay what leadership, or somebody by hand, must hear. */
export function outlivesEscalation({ reason, targets, startsLevel }: PageRequest): boolean {
  if (reason === 'by-hand') return !startsLevel;
  return reason !== 'recurrence' && targets.every(({ level }) => level === OUTSIDE_ESCALATION);
}

/**
 * An order that could not be delivered is issued again while somebody still has to answer and no newer one replaces
 * it, in whatever pass: a vendor that comes back is not met by every page it missed.
 */
export function shouldReissuePage({ escalation, outbox }: Incident, order: PageRequest): boolean {
  if (!outlivesEscalation(order) && !escalation.open) return false;
  const newer = outbox.pages.filter(({ n }) => n > order.n).flatMap(({ targets }) => targets.map(({ level }) => level));
  return order.targets.some(({ level }) => level === OUTSIDE_ESCALATION || !newer.includes(level));
}

/** How late an order leaves at `at`, ms; 0 within the drift of a timer. */
export function pageLatenessMs(order: PageRequest, at: number): number {
  return at - order.dueAt > TIMER_DRIFT_MS ? at - order.dueAt : 0;
}
