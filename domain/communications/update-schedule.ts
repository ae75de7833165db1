/**
 * The two update schedules: when an update is due, when to remind people of it, when the first public entry is due, and
 * how events move them. RUNBOOK §P3 and §7. Pure.
 */
import type { Audience, Due, EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Communications, Incident, UpdateSchedule } from '../kernel/incident.ts';
import { isOpen } from '../kernel/phase.ts';
import { mayGoPublic, monitoringIsBlocked } from '../kernel/queries.ts';
import type { Reducers } from '../kernel/reduce.ts';
import { reduceSlice } from '../kernel/reduce.ts';
import type { Severity } from '../kernel/severity.ts';
import { isMajor, isWorse } from '../kernel/severity.ts';

export interface UpdateDue {
  readonly act: 'remind' | 'miss' | 'go-public';
  readonly at: number;
  /** When the update itself is due. */
  readonly dueAt: number;
  readonly audiences: readonly Audience[];
}

export function startUpdateSchedule(at: number): UpdateSchedule {
  return { restartedAt: at, notBefore: 0, reminded: false, holdingUpdates: 0 };
}

/** The most holding updates in a row on the public page. */
export const PUBLIC_HOLDING_LIMIT = 2;

/** When the next update is due to `audience`; null when none is. */
export function updateDueAt(incident: Incident, audience: Audience): number | null {
  const clock =
    audience === 'internal' ? incident.communications.internalSchedule : incident.communications.publicSchedule;
  const everyMs = updateEveryMs(incident, audience);
  if (clock === null || everyMs === null || !isOpen(incident.phase) || incident.test) return null;
  const dueAt = Math.max(clock.restartedAt + everyMs, clock.notBefore);
  const { mitigation } = incident;
  // An update due at the end of the monitoring window is replaced by the all-clear.
  return mitigation.monitoringWindow !== null &&
    !monitoringIsBlocked(incident) &&
    dueAt >= mitigation.monitoringWindow.endsAt
    ? null
    : dueAt;
}

/** How often updates are due in this phase. The public schedule follows the highest severity reached. */
function updateEveryMs(incident: Incident, audience: Audience): number | null {
  const { policy, phase } = incident;
  const { updateEveryMs: everyMs } = policy.severities[severityToldTo(incident, audience)];
  return everyMs === null ? null : phase === 'monitoring' ? policy.monitoring.updateEveryMs : everyMs;
}

function severityToldTo({ severity, highestSeverity }: Incident, audience: Audience): Severity {
  return audience === 'public' ? highestSeverity : severity;
}

/** The next update or reminder that is due. */
export function nextUpdate(incident: Incident): UpdateDue | null {
  const dues = [
    firstEntry(incident),
    ...(['internal', 'public'] as const).map((audience) => nextUpdateFor(incident, audience)),
  ];
  const soonest = dues.filter((due) => due !== null).sort((a, b) => a.at - b.at)[0];
  if (soonest === undefined) return null;
  const together = dues.filter(
    (due) => due?.act === soonest.act && due.at === soonest.at && due.dueAt === soonest.dueAt,
  );
  return { ...soonest, audiences: together.flatMap((due) => due?.audiences ?? []) };
}

function nextUpdateFor(incident: Incident, audience: Audience): UpdateDue | null {
  const dueAt = updateDueAt(incident, audience);
  if (dueAt === null) return null;
  const clock =
    audience === 'internal' ? incident.communications.internalSchedule : incident.communications.publicSchedule;
  const remindAt = dueAt - remindBeforeMs(incident, audience);
  const someoneToRemind = spokesperson(incident) !== null;
  if (someoneToRemind && clock?.reminded === false)
    return { act: 'remind', at: remindAt, dueAt, audiences: [audience] };
  return { act: 'miss', at: dueAt, dueAt, audiences: [audience] };
}

/** In the monitoring window updates may be due more often than the severity's reminders allow for. */
function remindBeforeMs(incident: Incident, audience: Audience): number {
  const { remindBeforeMs: beforeMs } = incident.policy.severities[severityToldTo(incident, audience)];
  const everyMs = updateEveryMs(incident, audience) ?? Infinity;
  return beforeMs < everyMs ? beforeMs : Math.floor(everyMs / 3);
}

/** Who is reminded to speak: the communications lead, else the IC. */
export function spokesperson({ roles }: Incident): string | null {
  return roles.communicationsLead ?? roles.ic;
}

/** When the first public entry is due: at the acknowledgement, or later if the severity was raised after it. */
function firstEntry(incident: Incident): UpdateDue | null {
  const { communications, policy, severity, severityChangedAt: raisedAt } = incident;
  const rule = policy.severities[severity];
  if (communications.publicSchedule !== null || !mayGoPublic(incident) || !isMajor(severity) || !isOpen(incident.phase))
    return null;
  if (rule.statusPageWithinMs === null) return null;
  const { acknowledgedAt } = incident;
  if (acknowledgedAt === null) {
    const auto = policy.firstPublicEntry === 'auto';
    return auto ? { act: 'go-public', at: incident.declaredAt, dueAt: incident.declaredAt, audiences: [] } : null;
  }
  // Monitoring began before anything was published: there is nothing left to announce.
  if (incident.phase === 'monitoring') return null;
  const at =
    raisedAt !== null && raisedAt > acknowledgedAt
      ? Math.max(incident.declaredAt + rule.statusPageWithinMs, raisedAt + (rule.acknowledgeWithinMs ?? 0))
      : acknowledgedAt;
  return { act: 'go-public', at, dueAt: at, audiences: [] };
}

export function updateDue(incident: Incident): Due | null {
  const due = nextUpdate(incident);
  if (due === null) return null;
  const { act, at, audiences, dueAt } = due;
  if (act === 'go-public') {
    const reason = publicBecause(incident);
    return {
      at,
      summary: 'first public entry',
      events: (now) => [{ type: 'public-communication-started', at: now, reason }],
    };
  }
  const type = act === 'remind' ? 'update-reminded' : 'update-missed';
  const summary = `${act === 'remind' ? 'remind of' : 'holding update instead of'} the ${audiences.join(' and ')} update`;
  return { at, summary, events: (now) => [{ type, at: now, audiences, dueAt }] };
}

function publicBecause({ acknowledgedAt, severity }: Incident): string {
  return acknowledgedAt === null ? 'the configuration publishes at once' : `${severity} acknowledged`;
}

/** A change of phase is itself an update, and ends the public state that a person chose. */
export function reduceCommunications(before: Incident, event: IncidentEvent, after: Incident): Communications {
  const communications = before.phase === after.phase ? before.communications : restarted(before, event.at);
  return reduceSlice(REDUCERS, communications, before, event, after);
}

const REDUCERS: Reducers<Communications> = {
  'severity-changed': severityChanged,
  'update-posted': updatePosted,
  'update-reminded': ({ communications }, { audiences }) =>
    withSchedules(communications, audiences, (schedule) => ({ ...schedule, reminded: true })),
  'update-missed': ({ communications }, { audiences, dueAt }) =>
    withSchedules(communications, audiences, ({ holdingUpdates }) => ({
      ...startUpdateSchedule(dueAt),
      holdingUpdates: Math.min(holdingUpdates + 1, PUBLIC_HOLDING_LIMIT + 1),
    })),
  'public-communication-started': ({ communications }, { at }) => ({
    ...communications,
    publicSchedule: startUpdateSchedule(at),
  }),
  'notification-accepted': ({ communications }, { refs }) => ({
    ...communications,
    refs: { ...communications.refs, ...refs },
  }),
};

function restarted({ communications }: Incident, at: number): Communications {
  return {
    ...communications,
    internalSchedule: startUpdateSchedule(at),
    publicSchedule: communications.publicSchedule && startUpdateSchedule(at),
    publicState: null,
  };
}

/** A raised severity grants its acknowledgement time before an update is due. */
function severityChanged(incident: Incident, { at, to }: EventOf<'severity-changed'>): Communications {
  const grantedMs = incident.policy.severities[to].acknowledgeWithinMs ?? 0;
  const granted = isWorse(to, incident.severity) ? { notBefore: at + grantedMs } : {};
  return withSchedules(incident.communications, ['internal', 'public'], (schedule) => ({
    ...schedule,
    ...granted,
    reminded: false,
  }));
}

function updatePosted(
  { communications }: Incident,
  { at, audience, status }: EventOf<'update-posted'>,
): Communications {
  const posted = { ...communications, internalSchedule: startUpdateSchedule(at) };
  if (audience === 'internal') return posted;
  return { ...posted, publicSchedule: startUpdateSchedule(at), publicState: status ?? communications.publicState };
}

function withSchedules(
  communications: Communications,
  audiences: readonly Audience[],
  change: (schedule: UpdateSchedule) => UpdateSchedule,
): Communications {
  const { internalSchedule, publicSchedule } = communications;
  return {
    ...communications,
    internalSchedule: audiences.includes('internal') ? change(internalSchedule) : internalSchedule,
    publicSchedule: audiences.includes('public') ? publicSchedule && change(publicSchedule) : publicSchedule,
  };
}
