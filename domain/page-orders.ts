/** How long an order to page stands, and how late it leaves. Pure. */
import { DRIFT_MS } from './escalation.ts';
import type { Incident } from './incident.ts';
import type { PageOrder } from './orders.ts';
import { BESIDE_THE_CHAIN } from './orders.ts';

/** An answer stops the chain on every medium; it does not unsay what leadership, or somebody by hand, must hear. */
export function outlivesTheChain({ reason, targets, opensLevel }: PageOrder): boolean {
  if (reason === 'by-hand') return !opensLevel;
  return reason !== 'recurrence' && targets.every(({ level }) => level === BESIDE_THE_CHAIN);
}

/**
 * An order that could not be delivered is issued again while somebody still has to answer and no newer one replaces
 * it, in whatever pass: a vendor that comes back is not met by every page it missed.
 */
export function isWorthRepeating({ chain, orders }: Incident, order: PageOrder): boolean {
  if (!outlivesTheChain(order) && !chain.open) return false;
  const newer = orders.pages.filter(({ n }) => n > order.n).flatMap(({ targets }) => targets.map(({ level }) => level));
  return order.targets.some(({ level }) => level === BESIDE_THE_CHAIN || !newer.includes(level));
}

/** How late an order leaves at `at`, ms; 0 within the drift of a timer. */
export function latenessMs(order: PageOrder, at: number): number {
  return at - order.dueAt > DRIFT_MS ? at - order.dueAt : 0;
}
