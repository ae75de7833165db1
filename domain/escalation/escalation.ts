/**
 * Who is paged next, and when. RUNBOOK §2. Pure: `nextEscalationStep` says what is due, and `escalationEvents` what
 * happens then.
 */
import type { Due, IncidentEvent } from '../kernel/events.ts';
import type { Escalation, EscalationState, Incident } from '../kernel/incident.ts';
import { waitsForPeople } from '../kernel/queries.ts';
import { isMajor } from '../kernel/severity.ts';

/**
 * The next step of the escalation: start a level, or make the next attempt of the current level's notification rules.
 */
export interface EscalationDue {
  readonly act: 'next-level' | 'next-attempt';
  readonly at: number;
}

/** An escalation that has paged nobody yet and waits for an answer. */
export function newEscalation(beginsAt: number | null): EscalationState {
  return {
    open: true,
    exhausted: false,
    cycle: 0,
    cycleInRun: 0,
    level: 0,
    nextLevelAt: beginsAt,
    cycleStartedAt: 0,
    rulesStartedAt: 0,
    attemptsMade: 0,
    methods: null,
    pagedInCycle: [],
    excludedAtLevel: [],
  };
}

/** The next step; null when no answer is needed, or nobody is left to page. */
export function nextEscalationStep(incident: Incident): EscalationDue | null {
  const { escalation } = incident;
  if (!escalation.open || escalation.exhausted || escalation.nextLevelAt === null || isOwnedElsewhere(incident))
    return null;
  if (waitsForPeople(incident)) return null;
  if (incident.test) return escalation.cycleInRun === 0 ? { act: 'next-level', at: escalation.nextLevelAt } : null;
  const nextLevel: EscalationDue = { act: 'next-level', at: escalation.nextLevelAt };
  const attemptAt = nextAttemptAt(incident);
  return attemptAt !== null && attemptAt < nextLevel.at ? { act: 'next-attempt', at: attemptAt } : nextLevel;
}

/** An outside service has accepted the page and escalates by itself, so this escalation pauses. */
function isOwnedElsewhere({ escalation, policy }: Incident): boolean {
  // The person who acknowledged through that service has gone quiet.
  if (escalation.inactivity?.stage === 'escalated') return false;
  if (policy.owner === null || escalation.level !== 1) return false;
  return policy.levels[0]?.some((name) => escalation.pagedInCycle.includes(name)) ?? false;
}

/**
 * The events of a step that is due. Steps missed while no worker was up are not made up in a burst: a due level goes
 * before attempts of the level below, and a level whose own page has not been sent yet is paged now, late.
 */
export function escalationEvents(incident: Incident, due: EscalationDue, at: number): readonly IncidentEvent[] {
  const { escalation, policy, severity } = incident;
  const nextLevelAt = escalation.nextLevelAt ?? due.at;
  if (at - due.at > TIMER_DRIFT_MS && openingPageIsWaiting(incident)) {
    const lengthMs = policy.severities[severity].escalateEveryMs ?? FALLBACK_LEVEL_MS;
    return [{ type: 'level-extended', at, nextLevelAt: nextLevelAt <= at ? at + lengthMs : nextLevelAt }];
  }
  if (due.act === 'next-level' || nextLevelAt <= at) return startNextLevel(incident, nextLevelAt, at);
  return [{ type: 'notification-rule-due', at, dueAt: due.at }];
}

/** How many attempts count as made after the one due by `at`: those missed meanwhile are skipped. */
export function attemptsMadeBy(incident: Incident, at: number): number {
  let made = incident.escalation.attemptsMade + 1;
  for (let before = -Infinity; ; made += 1) {
    const next = nextAttemptAt({ ...incident, escalation: { ...incident.escalation, attemptsMade: made } });
    if (next === null || next > at || next <= before) return made;
    before = next;
  }
}

/** When the level's notification rules make their next attempt; null when none is left. */
function nextAttemptAt({ escalation, policy, severity }: Incident): number | null {
  if (escalation.level === 0) return null;
  const { allAtOnce, repeatEveryMs } = policy.severities[severity].notificationRules;
  const { repetition, method } = positionOfAttempt(
    escalation.attemptsMade,
    methodsPerRepetition(policy.severities[severity].notificationRules, escalation.methods),
  );
  if (repetition > 0 && repeatEveryMs === null) return null;
  const { stepEveryMs } = policy.severities[severity].notificationRules;
  return escalation.rulesStartedAt + repetition * (repeatEveryMs ?? 0) + (allAtOnce ? 0 : method * stepEveryMs);
}

/**
 * How many attempts one repetition of the rules has: an attempt that would come after the next repetition is left out.
 */
function methodsPerRepetition(
  { allAtOnce, stepEveryMs, repeatEveryMs }: Incident['policy']['severities']['SEV1']['notificationRules'],
  methods: number | null,
): number {
  if (allAtOnce) return 1;
  const fitting = repeatEveryMs === null ? Infinity : Math.max(1, Math.ceil(repeatEveryMs / stepEveryMs));
  return Math.min(Math.max(1, methods ?? fitting), fitting);
}

function positionOfAttempt(made: number, perRepetition: number): { repetition: number; method: number } {
  if (perRepetition === Infinity) return { repetition: 0, method: made };
  return { repetition: Math.floor(made / perRepetition), method: made % perRepetition };
}

/** Which of a person's methods attempt `made` uses, counted from 0. */
export function methodOfAttempt(incident: Incident, made: number): number | 'all' {
  const { notificationRules } = incident.policy.severities[incident.severity];
  return notificationRules.allAtOnce
    ? 'all'
    : positionOfAttempt(made, methodsPerRepetition(notificationRules, incident.escalation.methods)).method;
}

/** Starts the next level of this cycle, or ends the cycle and starts the next one if there is one. */
export function startNextLevel(incident: Incident, dueAt: number, at: number): readonly IncidentEvent[] {
  const { escalation, policy, severity } = incident;
  const rule = policy.severities[severity];
  const last = policy.levels.length;
  // A cycle that pages all levels together starts at the last one.
  if (escalation.level < last) {
    return [
      levelStartedEvent(
        incident,
        {
          cycleInRun: Math.max(1, escalation.cycleInRun),
          cycle: Math.max(1, escalation.cycle),
          level: escalation.level + 1,
        },
        dueAt,
        at,
      ),
    ];
  }
  const over = incident.test || (rule.passes !== null && escalation.cycleInRun >= rule.passes);
  const exhausted: IncidentEvent = { type: 'escalation-exhausted', at, cycle: escalation.cycle, last: over };
  if (over) return [exhausted];
  const level = isMajor(severity) ? last : 1;
  return [
    exhausted,
    levelStartedEvent(
      incident,
      { cycleInRun: escalation.cycleInRun + 1, cycle: escalation.cycle + 1, level },
      dueAt,
      at,
    ),
  ];
}

function openingPageIsWaiting({ outbox, escalation }: Incident): boolean {
  return outbox.pages.some(
    ({ startsLevel, cycle, targets, accepted }) =>
      startsLevel &&
      cycle === escalation.cycle &&
      targets.some(({ level }) => level === escalation.level) &&
      accepted.length === 0,
  );
}

function levelStartedEvent(
  incident: Incident,
  { cycleInRun, cycle, level }: { cycleInRun: number; cycle: number; level: number },
  dueAt: number,
  at: number,
): IncidentEvent {
  const { severity, severityChangedAt } = incident;
  const first = cycleInRun === 1 && level === 1;
  const lengthMs = levelLengthMs(incident, { cycleInRun, level });
  // A level that starts on time counts from its due time, so that small delays do not add up overnight.
  const from = at - dueAt < TIMER_DRIFT_MS ? dueAt : at;
  const raised = severityChangedAt === dueAt;
  return {
    type: 'level-started',
    at,
    cycleInRun,
    cycle,
    level,
    together: cycleInRun > 1 && isMajor(severity),
    reason: !first ? 'escalation' : raised ? 'severity-raised' : 'on-call',
    dueAt,
    nextLevelAt: from + lengthMs,
  };
}

/** How long a level lasts from its first page to the next level's. */
export function levelLengthMs(
  { policy, severity }: Pick<Incident, 'policy' | 'severity'>,
  { cycleInRun, level }: Pick<EscalationState, 'cycleInRun' | 'level'>,
): number {
  const { acknowledgeWithinMs, escalateEveryMs } = policy.severities[severity];
  return (cycleInRun === 1 && level === 1 ? acknowledgeWithinMs : escalateEveryMs) ?? FALLBACK_LEVEL_MS;
}

/** The length of a level for which the policy has none, so that the escalation never loops without pause. */
const FALLBACK_LEVEL_MS = 15 * 60_000;

/** Timers fire a little late; a delay up to this long counts as on time. */
export const TIMER_DRIFT_MS = 5_000;

/** When the next level is due after nobody was reached: at once, but a cycle lasts at least one `escalateEvery`. */
export function nextLevelWhenVacant(incident: Incident, at: number): number {
  const { escalation, policy, severity } = incident;
  const cycleEnds = escalation.level >= policy.levels.length;
  const shortestCycleMs = policy.severities[severity].escalateEveryMs ?? FALLBACK_LEVEL_MS;
  return cycleEnds ? Math.max(at, escalation.cycleStartedAt + shortestCycleMs) : at;
}

/** When the next level is due after the severity went up: the later of the two targets. RUNBOOK §1. */
export function nextLevelWhenRaised(incident: Incident, changedAt: number): number | null {
  const rule = incident.policy.severities[incident.severity];
  if (rule.acknowledgeWithinMs === null) return null;
  const level = Math.max(1, incident.escalation.level);
  const byDeclaration = incident.declaredAt + rule.acknowledgeWithinMs + (level - 1) * (rule.escalateEveryMs ?? 0);
  return Math.max(byDeclaration, changedAt + rule.acknowledgeWithinMs);
}

/** The escalation restarted; it still remembers whom it has paged. */
export function startedAnew(escalation: Escalation, beginsAt: number | null): Escalation {
  return { ...escalation, ...newEscalation(beginsAt), cycle: escalation.cycle + 1 };
}

/** The escalation continues with its next level, or restarts after the last. */
export function escalationAfterInactivity({ escalation, policy }: Incident, at: number): Escalation {
  if (escalation.level === 0 || escalation.level >= policy.levels.length) return startedAnew(escalation, at);
  return { ...escalation, open: true, exhausted: false, nextLevelAt: at, rulesStartedAt: at, attemptsMade: 1 };
}

export function levelDue(incident: Incident): Due | null {
  const due = nextEscalationStep(incident);
  if (due === null) return null;
  const { level } = incident.escalation;
  const summary =
    due.act === 'next-attempt' ? `page level ${level} again` : `page level ${level + 1} unless acknowledged`;
  return { at: due.at, summary, events: (now) => escalationEvents(incident, due, now) };
}
