/** Paging: the chain says who is due; every order is sent at once and waits for nothing but Temporal and the provider. */
import type { PageAnswer } from '../activities/types.ts';
import { isWorthRepeating } from '../domain/page-orders.ts';
import { chainEvents, nextInChain } from '../domain/escalation.ts';
import { edgeStoodIn } from '../domain/paging.ts';
import { isHeld } from '../domain/quiet.ts';
import { nextNaming } from '../domain/storm.ts';
import type { PageOrder } from '../domain/orders.ts';
import { pagedIncident } from '../domain/paged-incident.ts';
import { whileDue } from './due.ts';
import { pages } from './proxies.ts';
import type { IncidentRun } from './run.ts';

/** Begins each level and each step of its notification rules when it is due. */
export function climbTheChain(run: IncidentRun): void {
  whileDue(
    run,
    nextInChain,
    (due) => run.record(...chainEvents(run.incident, due, Date.now())),
    ({ act }) => {
      const { level } = run.incident.chain;
      return act === 'step' ? `page level ${level} again` : `page level ${level + 1} unless acknowledged`;
    },
  );
}

/** In a storm: names those who joined since the last page. */
export function nameTheStorm(run: IncidentRun): void {
  whileDue(
    run,
    nextNaming,
    ({ at }) => run.record({ type: 'storm-named', at: Date.now(), dueAt: at }),
    () => 'name those who joined',
  );
}

const CALL = 'page';
/** Before an order whose call failed is issued again. */
const PAUSE_MS = 5_000;

/** Sends every order as it comes, and takes back those that an answer has made void. */
export function sendPages(run: IncidentRun): void {
  const { pages: orders } = run.incident.orders;
  const wanted = new Set(orders.map((order) => callName(run, order)));
  run.cancelCalls((name) => name.startsWith(`${CALL} `) && !wanted.has(name));
  for (const order of orders) {
    const name = callName(run, order);
    const pausedUntil = run.pausedUntil.get(name) ?? 0;
    if (pausedUntil > Date.now()) run.wakeAt(pausedUntil, 'page again');
    else if (!run.isCalling(name)) send(run, order, name);
  }
}

function callName({ incident }: IncidentRun, { n }: PageOrder): string {
  return `${CALL} ${incident.incidentId}/${n}`;
}

function send(run: IncidentRun, order: PageOrder, name: string): void {
  const { incidentId, severity, test } = run.incident;
  const levels = order.targets.map(({ level }) => level).join(', ');
  const summary = `${severity} ${order.reason}: page level ${levels}`;
  const stillMeant = (): boolean => run.incident.incidentId === incidentId;
  run.call(
    name,
    () => pages.page.executeWithOptions({ summary }, [{ incident: pagedIncident(run.incident), order, test }]),
    (answer) => {
      run.courteousAt = 0;
      if (stillMeant()) takeIn(run, order, answer);
    },
    (reason) => {
      if (!stillMeant()) return;
      const at = Date.now();
      run.pausedUntil.set(name, at + PAUSE_MS);
      run.record({ type: 'page-failed', at, order: order.n, reason, again: isWorthRepeating(run.incident, order) });
    },
  );
}

/** Records what came of an order; a level in which nobody was reached gives way to the next at once. */
function takeIn(run: IncidentRun, order: PageOrder, answer: PageAnswer): void {
  const at = Date.now();
  const { deliveries, methods, unknown, unreached, loudAt } = answer;
  const again = unreached && isWorthRepeating(run.incident, order);
  const held = loudAt ? { loudAt } : {};
  run.record({ type: 'paged', at, order: order.n, deliveries, methods, unknown, again, ...held });
  const { chain, test } = run.incident;
  const stoodIn = edgeStoodIn(run.incident) && !unreached && deliveries.length === 0;
  const accepted = order.accepted.length > 0 || deliveries.some(({ state }) => state === 'accepted');
  // Whoever must not be disturbed yet is there all the same.
  const reached = accepted || stoodIn || isHeld(run.incident, order, at, loudAt);
  const current = order.cycle === chain.cycle && order.targets.some(({ level }) => level === chain.level);
  if (order.opensLevel && current && !reached && chain.open && !test) {
    const why = unreached
      ? 'no answer from any provider'
      : deliveries.length === 0
        ? 'nobody there'
        : 'every method failed';
    run.record({ type: 'level-unreachable', at, level: chain.level, why });
  }
}
