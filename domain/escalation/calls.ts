/**
 * Calls beside the escalation: leadership of a SEV1, the Head of Engineering after a failed rollback, and people paged
 * by name. They are paged again by the notification rules of the severity until one of them has answered; if nobody has
 * in time, the person who called them hears. RUNBOOK §2.1 and §7. Pure.
 */
import type { Due, IncidentEvent } from '../kernel/events.ts';
import type { Call, Escalation, Incident } from '../kernel/incident.ts';
import type { PageReason, PageRequest } from '../kernel/outbox.ts';
import { isOpen } from '../kernel/phase.ts';
import { actorOf } from '../kernel/reduce.ts';
import { TIMER_DRIFT_MS } from './escalation.ts';

const CALLS: readonly PageReason[] = ['leadership', 'by-hand', 'rollback-failed'];

/** The call that `request`, the first page to `names` beside the escalation, begins; null: it is not pursued. */
export function callOf(
  { policy, test }: Incident,
  { n, reason, cause, except, dueAt }: PageRequest,
  names: readonly string[],
): Call | null {
  if (policy.pursueForMs === undefined || test || cause === undefined || !CALLS.includes(reason)) return null;
  return { n, reason, cause, names, except, since: dueAt, calledAt: dueAt, times: 1, people: [] };
}

/** The escalation with the calls that are left after `event`. */
export function withCalls(escalation: Escalation, after: Incident, event: IncidentEvent): Escalation {
  if (escalation.calls === undefined) return escalation;
  const { calls: before, ...rest } = escalation;
  const calls = before.flatMap((call) => callAfter(call, after, event));
  return calls.length === 0 ? rest : { ...rest, calls };
}

function callAfter(call: Call, after: Incident, event: IncidentEvent): readonly Call[] {
  // Alerts that clear by themselves may be back in a minute: until then the call waits.
  const isOver = !isOpen(after.phase) || (event.type === 'monitoring-started' && event.by !== null);
  if (isOver || isAnsweredBy(call, actorOf(event))) return [];
  switch (event.type) {
    case 'call-unanswered':
      return event.call.n === call.n ? [] : [call];
    case 'call-repeated': {
      const { at, dueAt } = event;
      if (event.call.n !== call.n) return [call];
      return [{ ...call, calledAt: at - dueAt < TIMER_DRIFT_MS ? dueAt : at, times: call.times + 1 }];
    }
    case 'severity-changed':
      return call.reason === 'leadership' && !after.policy.severities[event.to].leadershipAtOnce ? [] : [call];
    default:
      return [call];
  }
}

/** A person of the call who does anything about the incident has heard of it. */
function isAnsweredBy({ names, people }: Call, person: string | null): boolean {
  return person !== null && (names.includes(person) || people.includes(person));
}

/** True while a call waits for `person`'s answer. */
export function isCalled({ escalation: { calls = [] } }: Incident, person: string): boolean {
  return calls.some((call) => isAnsweredBy(call, person));
}

/** `calls` after a page of one of them has been accepted by `people` at `at`; without it when everybody is paged as on-call. */
export function callsAfterPage(
  { calls }: Escalation,
  request: PageRequest,
  { people, isNobody, at }: { readonly people: readonly string[]; readonly isNobody: boolean; readonly at: number },
): Pick<Escalation, 'calls'> {
  if (calls === undefined || request.call === undefined) return {};
  const isEmpty = isNobody && request.except.length > 0;
  return {
    calls: calls.flatMap((call) => {
      if (call.n !== request.call) return [call];
      if (isEmpty) return [];
      // A page that comes late is waited for as long as any other.
      const isFirst = call.people.length === 0 && people.length > 0 && at - call.since > TIMER_DRIFT_MS;
      const times = isFirst ? { since: at, calledAt: at } : {};
      return [{ ...call, ...times, people: [...new Set([...call.people, ...people])] }];
    }),
  };
}

export interface CallDue {
  readonly call: Call;
  readonly act: 'repeat' | 'give-up';
  readonly at: number;
}

/** What is due for each call, and when; nothing while its alerts have cleared, or before its first page has been tried. */
export function nextCalls({ escalation, policy, severity, phase, outbox }: Incident): readonly CallDue[] {
  const { pursueForMs } = policy;
  if (pursueForMs === undefined || phase === 'monitoring') return [];
  const { repeatEveryMs } = policy.severities[severity].notificationRules;
  const untried = new Set(outbox.pages.flatMap(({ call, unsettled }) => (unsettled === undefined ? [call] : [])));
  const tried = (escalation.calls ?? []).filter(({ n, times }) => times > 1 || !untried.has(n));
  return tried.map((call) => {
    const endsAt = call.since + pursueForMs;
    const again = repeatEveryMs === null ? endsAt : call.calledAt + repeatEveryMs;
    return again < endsAt ? { call, act: 'repeat', at: again } : { call, act: 'give-up', at: endsAt };
  });
}

export function callsDue(incident: Incident): Due | null {
  const [first] = [...nextCalls(incident)].sort((a, b) => a.at - b.at);
  if (first === undefined) return null;
  const { call, act, at } = first;
  const { pursueForMs = 0 } = incident.policy;
  const summary = act === 'repeat' ? 'page those called again' : 'say that nobody has answered';
  return {
    at,
    summary,
    events: (now) =>
      act === 'give-up' || now >= call.since + pursueForMs
        ? [{ type: 'call-unanswered', at: now, call }]
        : [{ type: 'call-repeated', at: now, call, dueAt: at }],
  };
}
