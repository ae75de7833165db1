/** Paging: every page request is sent at once and waits for nothing but Temporal and the provider. */
import type { PageActivityResult } from '../../activities/types.ts';
import { shouldReissuePage, pagedIncident } from '../../domain/escalation/page-requests.ts';
import { fallbackCoversLevelOne } from '../../domain/escalation/escalation-state.ts';
import { waitsForAudibleHours } from '../../domain/escalation/quiet-hours.ts';
import { givenUp, pausedUntil as triesPausedUntil } from '../../domain/escalation/unsettled-pages.ts';
import type { EventOf } from '../../domain/kernel/events.ts';
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
    const pausedUntil = Math.max(run.pausedUntil.get(name) ?? 0, triesPausedUntil(request, Date.now()));
    if (pausedUntil > Date.now()) run.wakeAt(pausedUntil, 'page again');
    else if (!run.isCalling(name)) send(run, request, name);
  }
}

/** A request that has excluded somebody since its last call gets another name, so that the call begins anew. */
function callName({ incident }: IncidentRun, { n, unsettled, except }: PageRequest): string {
  return `${CALL} ${incident.incidentId}/${n}${unsettled === undefined ? '' : ` without ${except.length}`}`;
}

function send(run: IncidentRun, pageRequest: PageRequest, name: string): void {
  const { incidentId, severity, test } = run.incident;
  const levels = pageRequest.targets.map(({ level }) => level).join(', ');
  const summary = `${severity} ${pageRequest.reason}: page level ${levels}`;
  const stillMeant = (): boolean => run.incident.incidentId === incidentId;
  const input = {
    incident: pagedIncident(run.incident),
    pageRequest,
    test,
    waitingSince: waitingSince(run, pageRequest),
  };
  run.call(
    name,
    () => pages.page.executeWithOptions({ summary }, [input]),
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

/** A page that was due when the incident was declared is waited for since the alert was received. */
function waitingSince({ incident, receivedAt }: IncidentRun, { dueAt }: PageRequest): number {
  return dueAt === incident.declaredAt && receivedAt !== null ? Math.min(receivedAt, dueAt) : dueAt;
}

/** Records the outcome of a call. If nobody of the level was reached in its time, the next level starts at once. */
function recordOutcome(run: IncidentRun, request: PageRequest, answer: PageActivityResult): void {
  const at = Date.now();
  run.record(pagedEvent(run, request, answer, at));
  const { deliveries, mustRetry, audibleAt, unsettled = [], timeUp = true } = answer;
  const { escalation, test } = run.incident;
  const coveredByFallback = fallbackCoversLevelOne(run.incident) && !mustRetry && deliveries.length === 0;
  const accepted = request.accepted.length > 0 || deliveries.some(({ state }) => state === 'accepted');
  // A person in quiet hours counts as reached: the level waits for them.
  const reached = accepted || coveredByFallback || waitsForAudibleHours(run.incident, request, at, audibleAt);
  const current = request.cycle === escalation.cycle && request.targets.some(({ level }) => level === escalation.level);
  const isDecided = unsettled.length === 0 || timeUp;
  if (request.startsLevel && current && !reached && isDecided && escalation.open && !test) {
    const reason = mustRetry
      ? 'no answer from any provider'
      : deliveries.length === 0
        ? 'nobody there'
        : 'every method failed';
    run.record({ type: 'level-unreachable', at, level: escalation.level, reason });
  }
}

function pagedEvent(run: IncidentRun, request: PageRequest, answer: PageActivityResult, at: number): EventOf<'paged'> {
  const { deliveries, methods, unknownNames, mustRetry, audibleAt, unsettled, calledAt = at } = answer;
  const again = mustRetry && shouldReissuePage(run.incident, request);
  const why = run.incident.escalation.open ? 'paged again since' : 'no longer needed';
  const abandoned = again ? [] : givenUp(unsettled ?? [], why, at);
  const others = deliveries.filter(({ key }) => !abandoned.some((delivery) => delivery.key === key));
  return {
    type: 'paged',
    at,
    requestNumber: request.n,
    deliveries: [...others, ...abandoned],
    methods,
    unknown: request.unsettled === undefined ? unknownNames : [],
    again,
    ...(unsettled === undefined ? {} : { unsettled: again ? unsettled : [], calledAt }),
    ...(audibleAt ? { audibleFrom: audibleAt } : {}),
  };
}
