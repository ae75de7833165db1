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
import { publicStateOf } from './public-state.ts';

export interface UpdateDue {
  readonly act: 'remind' | 'miss' | 'go-public' | 'report-unpublished';
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

/** What a public entry promises: the next update, or the end of the monitoring window, whose all-clear replaces it. */
export function nextPublicEntryAt(incident: Incident): number | null {
  const { phase, mitigation } = incident;
  const dueAt = updateDueAt(incident, 'public');
  return dueAt === null && isOpen(phase) ? (mitigation.monitoringWindow?.endsAt ?? null) : dueAt;
}

/** True for what the public is told though the phase stays: a cause is known now, or a fix has failed. */
export function speaksBetweenPhases(
  before: Incident,
  event: EventOf<'mitigation-reported' | 'cause-identified'>,
  after: Incident,
): boolean {
  if (event.type === 'mitigation-reported') return event.outcome === 'failed' && after.policy.publicPromises === true;
  return publicStateOf(before) !== publicStateOf(after);
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
    if (!auto) return unpublished(incident);
    return { act: 'go-public', at: incident.declaredAt, dueAt: incident.declaredAt, audiences: [] };
  }
  // Monitoring began before anything was published: there is nothing left to announce.
  if (incident.phase === 'monitoring') return null;
  const at =
    raisedAt !== null && raisedAt > acknowledgedAt
      ? Math.max(incident.declaredAt + rule.statusPageWithinMs, raisedAt + (rule.acknowledgeWithinMs ?? 0))
      : acknowledgedAt;
  return { act: 'go-public', at, dueAt: at, audiences: [] };
}

/** Nobody has acknowledged, so nothing goes public: at the response target, people inside are told so, once. */
function unpublished({ phase, policy, communications, escalation }: Incident): UpdateDue | null {
  const at = escalation.responseTargets?.publicDueAt ?? null;
  const isToldOf = policy.publicPromises !== true || communications.publicDeadlineMissed === true;
  if (at === null || isToldOf || phase !== 'declared') return null;
  return { act: 'report-unpublished', at, dueAt: at, audiences: [] };
}

export function updateDue(incident: Incident): Due | null {
  const due = nextUpdate(incident);
  if (due === null) return null;
  const { act, at, audiences, dueAt } = due;
  if (act === 'report-unpublished') {
    const summary = 'first public entry due, and nobody has acknowledged';
    return { at, summary, events: (now) => [{ type: 'public-deadline-missed', at: now, dueAt }] };
  }
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
  'update-missed': updateMissed,
  'public-deadline-missed': ({ communications }) => ({ ...communications, publicDeadlineMissed: true }),
  'cause-identified': spokenBetweenPhases,
  'mitigation-reported': spokenBetweenPhases,
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

/** After an outage one holding update stands for all that were due meanwhile: what it promises is never in the past. */
function updateMissed(incident: Incident, { at, audiences, dueAt }: EventOf<'update-missed'>): Communications {
  const latestDueFor = (audience: Audience): number => {
    const everyMs = updateEveryMs(incident, audience);
    if (incident.policy.publicPromises !== true || everyMs === null) return dueAt;
    return dueAt + Math.max(0, Math.floor((at - dueAt) / everyMs)) * everyMs;
  };
  return audiences.reduce(
    (communications, audience) =>
      withSchedules(communications, [audience], ({ holdingUpdates }) => ({
        ...startUpdateSchedule(latestDueFor(audience)),
        holdingUpdates: Math.min(holdingUpdates + 1, PUBLIC_HOLDING_LIMIT + 1),
      })),
    incident.communications,
  );
}

function spokenBetweenPhases(
  before: Incident,
  event: EventOf<'mitigation-reported' | 'cause-identified'>,
  after: Incident,
): Communications {
  const { communications } = before;
  if (!speaksBetweenPhases(before, event, after)) return communications;
  const restart = withSchedules(communications, ['public'], () => startUpdateSchedule(event.at));
  // What a person said of a fix is no longer true when it has failed.
  return event.type === 'mitigation-reported' ? { ...restart, publicState: null } : restart;
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
