/** Paging: the chain says who is due; every order is sent at once and waits for nothing but Temporal and the provider. */
import type { PageActivityResult } from '../../activities/types.ts';
import { shouldReissuePage, pagedIncident } from '../../domain/escalation/page-requests.ts';
import { fallbackCoversLevelOne } from '../../domain/escalation/escalation-state.ts';
import { waitsForAudibleHours } from '../../domain/escalation/quiet-hours.ts';
import type { PageRequest } from '../../domain/kernel/outbox.ts';
import { pages } from '../activity-proxies.ts';
import type { IncidentRun } from '../incident-run.ts';

const CALL = 'page';

/** Before an order whose call failed is issued again. */
const PAUSE_MS = 5_000;

/** Sends every order as it comes, and takes back those that an answer has made void. */
export function sendPages(run: IncidentRun): void {
  const { pages: orders } = run.incident.outbox;
  const wanted = new Set(orders.map((order) => callName(run, order)));
  run.cancelCalls((name) => name.startsWith(`${CALL} `) && !wanted.has(name));
  for (const order of orders) {
    const name = callName(run, order);
    const pausedUntil = run.pausedUntil.get(name) ?? 0;
    if (pausedUntil > Date.now()) run.wakeAt(pausedUntil, 'page again');
    else if (!run.isCalling(name)) send(run, order, name);
  }
}

function callName({ incident }: IncidentRun, { n }: PageRequest): string {
  return `${CALL} ${incident.incidentId}/${n}`;
}

function send(run: IncidentRun, pageRequest: PageRequest, name: string): void {
  const { incidentId, severity, test } = run.incident;
  const levels = pageRequest.targets.map(({ level }) => level).join(', ');
  const summary = `${severity} ${pageRequest.reason}: page level ${levels}`;
  const stillMeant = (): boolean => run.incident.incidentId === incidentId;
  run.call(
    name,
    () => pages.page.executeWithOptions({ summary }, [{ incident: pagedIncident(run.incident), pageRequest, test }]),
    (answer) => {
      run.notifyFrom = 0;
      if (stillMeant()) takeIn(run, pageRequest, answer);
    },
    (reason) => {
      if (!stillMeant()) return;
      const at = Date.now();
      run.pausedUntil.set(name, at + PAUSE_MS);
      run.record({
        type: 'page-failed',
        at,
        requestNumber: pageRequest.n,
        reason,
        again: shouldReissuePage(run.incident, pageRequest),
      });
    },
  );
}

/** Records what came of an order; a level in which nobody was reached gives way to the next at once. */
function takeIn(run: IncidentRun, order: PageRequest, answer: PageActivityResult): void {
  const at = Date.now();
  const { deliveries, methods, unknownNames, mustRetry, audibleAt } = answer;
  const again = mustRetry && shouldReissuePage(run.incident, order);
  const quiet = audibleAt ? { audibleFrom: audibleAt } : {};
  run.record({
    type: 'paged',
    at,
    requestNumber: order.n,
    deliveries,
    methods,
    unknown: unknownNames,
    again,
    ...quiet,
  });
  const { escalation, test } = run.incident;
  const stoodIn = fallbackCoversLevelOne(run.incident) && !mustRetry && deliveries.length === 0;
  const accepted = order.accepted.length > 0 || deliveries.some(({ state }) => state === 'accepted');
  // Whoever must not be disturbed yet is there all the same.
  const reached = accepted || stoodIn || waitsForAudibleHours(run.incident, order, at, audibleAt);
  const current = order.cycle === escalation.cycle && order.targets.some(({ level }) => level === escalation.level);
  if (order.startsLevel && current && !reached && escalation.open && !test) {
    const reason = mustRetry
      ? 'no answer from any provider'
      : deliveries.length === 0
        ? 'nobody there'
        : 'every method failed';
    run.record({ type: 'level-unreachable', at, level: escalation.level, reason });
  }
}
