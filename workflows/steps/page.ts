/** Paging: every page request is sent at once and waits for nothing but Temporal and the provider. */
import type { PageActivityResult } from '../../activities/types.ts';
import { shouldReissuePage, pagedIncident } from '../../domain/escalation/page-requests.ts';
import { fallbackCoversLevelOne } from '../../domain/escalation/escalation-state.ts';
import { waitsForAudibleHours } from '../../domain/escalation/quiet-hours.ts';
import type { PageRequest } from '../../domain/kernel/outbox.ts';
import { pages } from '../activity-proxies.ts';
import type { IncidentRun } from '../incident-run.ts';

const CALL = 'page';

/** The pause before a failed page request is sent again. */
const PAUSE_MS = 5_000;

/** Sends every page request, and cancels those that an acknowledgement has made void. */
export function sendPages(run: IncidentRun): void {
  const { pages: requests } = run.incident.outbox;
  const wanted = new Set(requests.map((request) => callName(run, request)));
  run.cancelCalls((name) => name.startsWith(`${CALL} `) && !wanted.has(name));
  for (const request of requests) {
    const name = callName(run, request);
    const pausedUntil = run.pausedUntil.get(name) ?? 0;
    if (pausedUntil > Date.now()) run.wakeAt(pausedUntil, 'page again');
    else if (!run.isCalling(name)) send(run, request, name);
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
      if (stillMeant()) recordOutcome(run, pageRequest, answer);
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

/** Records the outcome of a page request. If nobody of the level was reached, the next level starts at once. */
function recordOutcome(run: IncidentRun, request: PageRequest, answer: PageActivityResult): void {
  const at = Date.now();
  const { deliveries, methods, unknownNames, mustRetry, audibleAt } = answer;
  const again = mustRetry && shouldReissuePage(run.incident, request);
  const quiet = audibleAt ? { audibleFrom: audibleAt } : {};
  run.record({
    type: 'paged',
    at,
    requestNumber: request.n,
    deliveries,
    methods,
    unknown: unknownNames,
    again,
    ...quiet,
  });
  const { escalation, test } = run.incident;
  const coveredByFallback = fallbackCoversLevelOne(run.incident) && !mustRetry && deliveries.length === 0;
  const accepted = request.accepted.length > 0 || deliveries.some(({ state }) => state === 'accepted');
  // A person in quiet hours counts as reached: the level waits for them.
  const reached = accepted || coveredByFallback || waitsForAudibleHours(run.incident, request, at, audibleAt);
  const current = request.cycle === escalation.cycle && request.targets.some(({ level }) => level === escalation.level);
  if (request.startsLevel && current && !reached && escalation.open && !test) {
    const reason = mustRetry
      ? 'no answer from any provider'
      : deliveries.length === 0
        ? 'nobody there'
        : 'every method failed';
    run.record({ type: 'level-unreachable', at, level: escalation.level, reason });
  }
}
