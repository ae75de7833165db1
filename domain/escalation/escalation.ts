/**
 * The chain: who is paged next, and when. RUNBOOK §2. Pure: `nextInChain` says what is due, `climb` and `step` say
 * what happens when it is.
 */
import type { Due, IncidentEvent } from '../kernel/events.ts';
import type { Escalation, EscalationState, Incident } from '../kernel/incident.ts';
import { isMajor } from '../kernel/severity.ts';

/** What the chain does next: begin or climb a level, or take the next step of the notification rules inside it. */
export interface EscalationDue {
  readonly act: 'next-level' | 'next-attempt';
  readonly at: number;
}

/** A chain that has not begun: nobody has been paged yet, and somebody has to answer. */
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

/** The next thing the chain will do; null when nobody has to answer, or nobody is left to page. */
export function nextEscalationStep(incident: Incident): EscalationDue | null {
  const { escalation } = incident;
  if (!escalation.open || escalation.exhausted || escalation.nextLevelAt === null || isOwnedElsewhere(incident))
    return null;
  if (incident.test) return escalation.cycleInRun === 0 ? { act: 'next-level', at: escalation.nextLevelAt } : null;
  const startNextLevel: EscalationDue = { act: 'next-level', at: escalation.nextLevelAt };
  const stepAt = nextAttemptAt(incident);
  return stepAt !== null && stepAt < startNextLevel.at ? { act: 'next-attempt', at: stepAt } : startNextLevel;
}

/** An outside service has taken the page and escalates by itself: this chain stands by. */
function isOwnedElsewhere({ escalation, policy }: Incident): boolean {
  // Whoever had it by way of that service is not heard of any more.
  if (escalation.inactivity?.stage === 'escalated') return false;
  if (policy.owner === null || escalation.level !== 1) return false;
  return policy.levels[0]?.some((name) => escalation.pagedInCycle.includes(name)) ?? false;
}

/**
 * What follows when `due` has fallen due. What was missed while no worker was up is not made up in a burst: a level
 * that is due goes before the steps below it, and a level whose own page has not left yet is paged now, late.
 */
export function escalationEvents(incident: Incident, due: EscalationDue, at: number): readonly IncidentEvent[] {
  const { escalation, policy, severity } = incident;
  const climbAt = escalation.nextLevelAt ?? due.at;
  if (at - due.at > TIMER_DRIFT_MS && openingPageIsWaiting(incident)) {
    const lengthMs = policy.severities[severity].escalateEveryMs ?? FALLBACK_LEVEL_MS;
    return [{ type: 'level-extended', at, nextLevelAt: climbAt <= at ? at + lengthMs : climbAt }];
  }
  if (due.act === 'next-level' || climbAt <= at) return startNextLevel(incident, climbAt, at);
  return [{ type: 'notification-rule-due', at, dueAt: due.at }];
}

/** The steps taken once the one that was due at `at` has been: those missed meanwhile are left out. */
export function attemptsMadeBy(incident: Incident, at: number): number {
  let taken = incident.escalation.attemptsMade + 1;
  for (let before = -Infinity; ; taken += 1) {
    const next = nextAttemptAt({ ...incident, escalation: { ...incident.escalation, attemptsMade: taken } });
    if (next === null || next > at || next <= before) return taken;
    before = next;
  }
}

/** When the notification rules of the level's people takes its next step; null when it has none left. */
function nextAttemptAt({ escalation, policy, severity }: Incident): number | null {
  if (escalation.level === 0) return null;
  const { allAtOnce, repeatEveryMs } = policy.severities[severity].notificationRules;
  const { repetition, method } = stepOf(
    escalation.attemptsMade,
    methodsPerRepetition(policy.severities[severity].notificationRules, escalation.methods),
  );
  if (repetition > 0 && repeatEveryMs === null) return null;
  const { stepEveryMs } = policy.severities[severity].notificationRules;
  return escalation.rulesStartedAt + repetition * (repeatEveryMs ?? 0) + (allAtOnce ? 0 : method * stepEveryMs);
}

/** How many steps one run of the notification rules has: a step that would come after the repeat is left out. */
function methodsPerRepetition(
  { allAtOnce, stepEveryMs, repeatEveryMs }: Incident['policy']['severities']['SEV1']['notificationRules'],
  methods: number | null,
): number {
  if (allAtOnce) return 1;
  const fitting = repeatEveryMs === null ? Infinity : Math.max(1, Math.ceil(repeatEveryMs / stepEveryMs));
  return Math.min(Math.max(1, methods ?? fitting), fitting);
}

function stepOf(taken: number, perRepetition: number): { repetition: number; method: number } {
  if (perRepetition === Infinity) return { repetition: 0, method: taken };
  return { repetition: Math.floor(taken / perRepetition), method: taken % perRepetition };
}

/** Which of a person's methods the step number `taken` uses. */
export function methodOfAttempt(incident: Incident, taken: number): number | 'all' {
  const { notificationRules } = incident.policy.severities[incident.severity];
  return notificationRules.allAtOnce
    ? 'all'
    : stepOf(taken, methodsPerRepetition(notificationRules, incident.escalation.methods)).method;
}

/** Climbs: the next level of this pass, or the end of the pass and what follows it. */
export function startNextLevel(incident: Incident, dueAt: number, at: number): readonly IncidentEvent[] {
  const { escalation, policy, severity } = incident;
  const rule = policy.severities[severity];
  const last = policy.levels.length;
  // A pass that pages all levels together begins at the last.
  if (escalation.level < last) {
    return [
      levelStarted(
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
    levelStarted(incident, { cycleInRun: escalation.cycleInRun + 1, cycle: escalation.cycle + 1, level }, dueAt, at),
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

function levelStarted(
  incident: Incident,
  { cycleInRun, cycle, level }: { cycleInRun: number; cycle: number; level: number },
  dueAt: number,
  at: number,
): IncidentEvent {
  const { severity, severityChangedAt } = incident;
  const first = cycleInRun === 1 && level === 1;
  const lengthMs = levelLengthMs(incident, { cycleInRun, level });
  // A level that begins on time counts from its due time, so that lateness does not add up over a night.
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

/** The length of a level for which the policy has none: a chain must never spin. */
const FALLBACK_LEVEL_MS = 15 * 60_000;

/** Timers fire a little late; up to this much is not lateness. */
export const TIMER_DRIFT_MS = 5_000;

/** When the next level is due once nobody was there: at once, but no pass is shorter than one `escalateEvery`. */
export function nextLevelWhenVacant(incident: Incident, at: number): number {
  const { escalation, policy, severity } = incident;
  const passEnds = escalation.level >= policy.levels.length;
  const shortestPass = policy.severities[severity].escalateEveryMs ?? FALLBACK_LEVEL_MS;
  return passEnds ? Math.max(at, escalation.cycleStartedAt + shortestPass) : at;
}

/** When the next level is due after the severity went up: the later of the two promises. RUNBOOK §1. */
export function nextLevelWhenRaised(incident: Incident, changedAt: number): number | null {
  const rule = incident.policy.severities[incident.severity];
  if (rule.acknowledgeWithinMs === null) return null;
  const level = Math.max(1, incident.escalation.level);
  const byDeclaration = incident.declaredAt + rule.acknowledgeWithinMs + (level - 1) * (rule.escalateEveryMs ?? 0);
  return Math.max(byDeclaration, changedAt + rule.acknowledgeWithinMs);
}

/** The escalation from its start, though the incident remembers whom it paged. */
export function startedAnew(escalation: Escalation, beginsAt: number | null): Escalation {
  return { ...escalation, ...newEscalation(beginsAt), cycle: escalation.cycle + 1 };
}

/** It goes on with its next level; from the last level it starts anew. */
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
