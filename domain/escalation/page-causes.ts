/**
 * Why people are paged, in the words that they read first: what kind of call it is, who asks and why, since when nobody
 * has answered. RUNBOOK §2. Pure.
 */
import { alertDetailsOf, firingAlerts } from '../kernel/queries.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Call, Escalation, Incident } from '../kernel/incident.ts';
import type { PageCause } from '../kernel/outbox.ts';
import { holderOf } from '../kernel/roles.ts';
import type { Text, TextPart } from '../kernel/text.ts';

/** Another day's time needs its date. */
const HALF_A_DAY_MS = 12 * 3_600_000;
const timeOf = (then: number, now: number): TextPart =>
  now - then < HALF_A_DAY_MS ? { at: then } : { at: then, day: true };
const nobody = { kind: [], calledBy: null } as const;

/** "2nd", "3rd", "11th". */
function ordinal(n: number): string {
  const ending = n % 100 >= 11 && n % 100 <= 13 ? undefined : ['th', 'st', 'nd', 'rd'][n % 10];
  return `${n}${ending ?? 'th'}`;
}

/** Why a level is paged. `before`: the level began. */
export function levelCause(before: Incident, event: EventOf<'level-started'>): PageCause {
  const { escalation, declaredBy, acknowledgedAt } = before;
  const { level, cycleInRun, together, at } = event;
  const kind: Text = together ? ['all levels'] : level > 1 || cycleInRun > 1 ? [`level ${level}`] : [];
  const known = escalation.nextCause;
  if (known !== undefined) return { ...known, kind: known.kind.length === 0 ? kind : known.kind };
  if (cycleInRun === 1 && level === 1) {
    const declared: Text = declaredBy === null ? [] : [{ person: declaredBy }, ' declared it; '];
    const why = acknowledgedAt === null ? 'you are on call' : 'somebody has to take it';
    return { kind, why: [...declared, why], calledBy: declaredBy };
  }
  const who = level === 2 && cycleInRun === 1 ? 'nobody at level 1' : 'nobody';
  const since = timeOf(escalation.askedSince ?? escalation.cycleStartedAt, at);
  const pass = cycleInRun > 1 ? `: ${ordinal(cycleInRun)} pass` : '';
  return { ...nobody, kind, why: [`${who} has answered since `, since, pass] };
}

/** Why the people of a level are paged again; `call`: how often they have been paged with it. */
export function repeatCause({ escalation }: Incident, call: number, at: number): PageCause {
  const { level, cycleInRun, askedSince = escalation.cycleStartedAt } = escalation;
  const times = cycleInRun > 1 ? `${ordinal(cycleInRun)} pass` : `${ordinal(call)} call`;
  const kind = level > 1 && cycleInRun === 1 ? [`level ${level}`] : [];
  return { ...nobody, kind, why: ['nobody has answered since ', timeOf(askedSince, at), `: ${times}`] };
}

/** The escalation with what `event` says about why its next level is paged; without it, once that has happened. */
export function withNextCause(before: Incident, escalation: Escalation, event: IncidentEvent): Escalation {
  const said = nextLevelCause(before, event);
  if (said !== null && escalation.open) return { ...escalation, nextCause: said };
  if (escalation.nextCause === undefined || (escalation.open && event.type !== 'level-started')) return escalation;
  const { nextCause: _paged, ...rest } = escalation;
  return rest;
}

/** Null: nothing but that nobody has answered. */
function nextLevelCause(before: Incident, event: IncidentEvent): PageCause | null {
  const { escalation } = before;
  switch (event.type) {
    case 'declined':
      return { ...nobody, why: [{ person: event.by }, ' declined'] };
    case 'level-unreachable':
      return { ...nobody, why: [`nobody at level ${event.level} could be reached`] };
    case 'escalated':
      return event.to === null ? asked(event.by, event.reason) : null;
    case 'severity-changed':
      return escalation.level === 0 ? raisedCause(before, event) : null;
    case 'inactivity-escalated':
      return quietCause(before, event.at);
    case 'acknowledgement-required':
      return { ...nobody, why: [`${event.from.name} is part of this now, and nobody has acknowledged it`] };
    case 'recurred': {
      const { ic } = before.roles;
      if (before.acknowledgedAt === null || ic === null) return null;
      return { ...nobody, kind: ['back again'], why: [{ person: ic }, ' has not answered since ', { at: event.at }] };
    }
    default:
      return null;
  }
}

const asked = (by: string, reason: string | null): PageCause => ({
  kind: [],
  why: [{ person: by }, ' asks for you', reason === null ? '' : `: ${reason}`],
  calledBy: by,
});

export const byHandCause = ({ by, to, reason }: EventOf<'escalated'>): PageCause => ({
  ...asked(by, reason),
  kind: to === null ? [] : ['for you'],
});

/** Why people who were called are called again: as before, and how often they have been. */
export function calledAgainCause({ cause, since, reason }: Call, times: number, at: number): PageCause {
  const who = reason === 'leadership' ? 'leadership' : 'you';
  return {
    ...cause,
    why: [...cause.why, `; no answer from ${who} since `, timeOf(since, at), `: ${ordinal(times)} call`],
  };
}

export const rollbackFailedCause = ({ by, text }: EventOf<'mitigation-reported'>): PageCause => ({
  ...asked(by, text),
  kind: ['rollback failed'],
});

/** `after`: as the alert that raised it has it. */
export function raisedCause(after: Incident, { by, from, to, reason }: EventOf<'severity-changed'>): PageCause {
  if (by !== null) {
    const kind: Text = [`raised from ${from}`];
    return { kind, why: [{ person: by }, ` raised it: ${reason}`], calledBy: by };
  }
  const worst = firingAlerts(after).map(({ fingerprint }) => alertDetailsOf(after, fingerprint));
  const found = worst.find((alert) => alert?.title !== undefined && reason === `${alert.title} is ${to}`);
  const name = found?.labels['alertname'];
  return { kind: [`raised from ${from}${name === undefined ? '' : ` by ${name}`}`], why: [reason], calledBy: null };
}

/** `raised`: by what it became a SEV1; null: it has been one since its declaration. */
export function leadershipCause(after: Incident, raised: EventOf<'severity-changed'> | null): PageCause {
  const { policy, declaredBy } = after;
  const onCall = (policy.levels[0] ?? []).flatMap((name, i): Text => [i === 0 ? '' : ', ', { person: name }]);
  const holder = holderOf(after);
  const state: Text =
    holder !== null
      ? [{ person: holder }, ' has it']
      : [...(policy.owner === null ? ['on call: ', ...onCall, '; '] : []), 'nobody has it yet'];
  const because: Text = raised === null ? [] : [...raisedCause(after, raised).kind, '; '];
  return { kind: ['for leadership'], why: [...because, ...state], calledBy: raised === null ? declaredBy : raised.by };
}

export function recurrenceCause({ title, acknowledgedAt }: Incident, { titles }: EventOf<'recurred'>): PageCause {
  const [first = title] = titles;
  const what = first === title ? 'it fires again' : `firing again: ${first}`;
  // Once somebody has acknowledged, only the incident commander is paged.
  const mine = acknowledgedAt === null ? '' : '; you have it';
  return { ...nobody, kind: ['back again'], why: [`${what}${mine}`] };
}

/** Said to the person themselves, and to the next level when that did not help. */
export function quietCause(incident: Incident, at: number): PageCause {
  const holder = holderOf(incident);
  const who: TextPart = holder === null ? 'everybody' : { person: holder };
  return {
    ...nobody,
    kind: ['no activity'],
    why: [who, ' has been quiet since ', timeOf(incident.escalation.lastActivityAt, at)],
  };
}

export function joinedCause({ titles, services }: EventOf<'service-joined'>): PageCause {
  const [service = 'another alert'] = services;
  return { ...nobody, kind: [`joined by ${service}`], why: [`${titles[0] ?? 'it'} fires too, and it is your team's`] };
}

export const stormCause = (): PageCause => ({ ...nobody, why: ['more groups have joined the storm'] });
