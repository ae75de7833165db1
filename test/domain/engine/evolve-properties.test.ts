/**
 * Whatever people, monitoring and time do to an incident, in whatever order: what must hold holds. Random walks with
 * long plans, and every plan there is up to a few steps.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blankIncident, evolve } from '../../../domain/engine/evolve.ts';
import { updateDueAt } from '../../../domain/communications/update-schedule.ts';
import { COMMAND_TYPES, phasesAllowing } from '../../../domain/kernel/commands.ts';
import { nextEscalationStep } from '../../../domain/escalation/escalation.ts';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import { hasTimelineEntry } from '../../../domain/engine/timeline-entry.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { OUTSIDE_ESCALATION } from '../../../domain/kernel/outbox.ts';
import type { Phase } from '../../../domain/kernel/phase.ts';
import { isOpen, PHASES } from '../../../domain/kernel/phase.ts';
import type { Severity } from '../../../domain/kernel/severity.ts';
import { isMajor, SEVERITIES } from '../../../domain/kernel/severity.ts';
import { firingAlerts } from '../../../domain/kernel/queries.ts';
import { aDeclaration } from '../../support/builders.ts';
import type { SimulatedIncident, IncidentSimulator } from '../../support/incident-simulator.ts';
import { declareSimulated, simulateFrom } from '../../support/incident-simulator.ts';
import { SAMPLE_COMMANDS } from '../../support/pure-incident.ts';
import type { TestCommand } from '../../support/scenario.ts';
import type { PageOutcome } from '../escalation-steps.ts';

const MIN = 60_000;

/** Random walks; fewer while mistakes are tried by the hundred (`npm run mutants`). */
const RUNS = Number(process.env['TOCSIN_WALKS'] ?? 1_000);

type Step = (simulator: IncidentSimulator) => void;

interface Named {
  readonly name: string;
  readonly act: Step;
}

const say = (command: TestCommand, name: string = command.type): Named => ({
  name,
  act: (t) => void t.execute(command),
});
const hear = (name: string, fingerprint: string, over: object): Named => ({
  name,
  act: (simulator) => simulator.receiveAlerts({ fingerprint, startsAt: 1_000 + simulator.snapshot().at, ...over }),
});

/** The end of the firing that the incident knows. */
const clear = (fingerprint: string): Named => ({
  name: `${fingerprint} clears`,
  act: (simulator) => {
    const known = simulator.snapshot().incident.alerts.states[fingerprint];
    if (known !== undefined) simulator.receiveAlerts({ fingerprint, startsAt: known.startsAt, status: 'resolved' });
  },
});
const answers = (outcome: PageOutcome): Named => ({
  name: `pages: ${outcome}`,
  act: (simulator) => simulator.answerPages(outcome),
});
const tick: Named = { name: 'time', act: (simulator) => void simulator.advanceToNextDeadline() };

/** Whatever may happen to an incident. */
const STEPS: readonly Named[] = [
  tick,
  answers('reached'),
  answers('nobody'),
  answers('unreached'),
  ...COMMAND_TYPES.map((type) => say(SAMPLE_COMMANDS[type])),
  say({ type: 'acknowledge', by: 'person-2' }, 'person-2 has it'),
  say({ type: 'decline', by: 'person-1' }, 'person-1 declines'),
  say({ type: 'assignRole', role: 'ic', person: 'bo' }, 'bo takes command'),
  ...SEVERITIES.map((severity) => say({ type: 'setSeverity', severity, reason: 'so' }, `a person says ${severity}`)),
  say({ type: 'postUpdate', text: 'We work on it', audience: 'public' }, 'public update'),
  say({ type: 'reportMitigation', outcome: 'failed' }, 'it failed'),
  say({ type: 'resolve', resolution: 'done', ignoreAlerts: ['f1', 'f2', 'f3'] }, 'resolve, alerts ignored'),
  say({ type: 'escalate', to: 'eve', reason: 'help' }, 'escalate to eve'),
  hear('f1 fires', 'f1', { severity: 'SEV2' }),
  hear('f2 fires as SEV1', 'f2', { severity: 'SEV1' }),
  hear('f3 fires as SEV4', 'f3', { severity: 'SEV4' }),
  clear('f1'),
  clear('f2'),
  clear('f3'),
  { name: 'ten minutes', act: (simulator) => simulator.advanceMs(10 * MIN) },
  { name: 'all told', act: (simulator) => simulator.deliverAll() },
];

const severities = fc.constantFrom<Severity>(...SEVERITIES);
const plans = fc.array(
  // Time is what moves most: a plan without it shows little.
  fc.oneof({ weight: 3, arbitrary: fc.constant(tick) }, { weight: 5, arbitrary: fc.constantFrom(...STEPS) }),
  { minLength: 1, maxLength: 80 },
);

/** Opened by one alert. */
const alarmed = (severity: Severity): SimulatedIncident => {
  const simulator = simulateFrom(declareSimulated({ severity }));
  simulator.receiveAlerts({ fingerprint: 'f1', startsAt: 1, severity });
  return simulator.snapshot();
};

function walk(start: SimulatedIncident, plan: readonly Named[]): SimulatedIncident {
  const simulator = simulateFrom(start, expectLawful);
  for (const { act } of plan) {
    act(simulator);
    expectPromised(simulator.snapshot().incident);
  }
  return simulator.snapshot();
}

/** What leads back to an earlier phase; nothing else may. */
const WAYS_BACK: readonly IncidentEvent['type'][] = ['recurred', 'reopened'];

/** Jest's own matchers take most of the time of a walk. */
function must(holds: boolean, promise: string): void {
  if (!holds) throw new Error(`broken: ${promise}`);
}

const rank = (phase: Phase): number => PHASES.indexOf(phase);

/** Of one event. */
function expectLawful(before: Incident, event: IncidentEvent, after: Incident): void {
  must(rank(after.phase) >= rank(before.phase) || WAYS_BACK.includes(event.type), `${event.type} leads back`);
  // A line for each event that is not mere bookkeeping, and none without.
  const silent = !hasTimelineEntry(event.type) || (event.type === 'alerts-cleared' && !isOpen(before.phase));
  must(
    after.projection.seq - before.projection.seq === (silent ? 0 : 1),
    `${event.type} has ${silent ? 'a' : 'no'} line`,
  );
  const line = after.projection.timeline.at(-1);
  must(
    silent || (line?.seq === after.projection.seq && line.kind === event.type && line.at === event.at),
    'the line is its own',
  );
  must(after.stateVersion === before.stateVersion + 1, 'one revision an event');
  must(rankOf(after.highestSeverity) <= rankOf(after.severity), 'nothing is worse than the worst');
  must(rankOf(after.highestSeverity) <= rankOf(before.highestSeverity), 'the worst is remembered');
  expectNoNeedlessPage(before, event, after);
  if (event.type === 'level-started' && before.escalation.level > 0 && event.cycle === before.escalation.cycle) {
    must(event.level === before.escalation.level + 1, 'no level is skipped');
  }
}

const rankOf = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** Somebody has it, or it is over: nobody is paged by the chain until it opens again. */
function expectNoNeedlessPage(before: Incident, event: IncidentEvent, after: Incident): void {
  const news = after.outbox.pages.filter(({ n }) => n > before.outbox.lastNumber);
  if (after.escalation.open || event.type === 'escalated' || event.type === 'recurred') return;
  const levels = news.flatMap(({ targets }) => targets.map(({ level }) => level));
  must(
    levels.every((level) => level === OUTSIDE_ESCALATION),
    `the chain pages after ${event.type}`,
  );
}

/** At every moment. */
function expectPromised(incident: Incident): void {
  const { phase, acknowledgedAt, severity, escalation, outbox, mitigation } = incident;
  if (!isOpen(phase)) {
    must(nextEscalationStep(incident) === null, 'an incident that is over pages nobody');
    return;
  }
  // Nobody has it, and it is bad: somebody is being paged, or will be.
  if (acknowledgedAt === null && isMajor(severity) && phase === 'declared') {
    must(escalation.open && nextEscalationStep(incident) !== null, 'somebody is paged until somebody has it');
  }
  // No severity change loses a deadline.
  const { updateEveryMs } = incident.policy.severities[severity];
  const isDue = updateDueAt(incident, 'internal') !== null;
  must(isDue || updateEveryMs === null || phase === 'monitoring', 'no deadline is lost');
  must((phase === 'monitoring') === (mitigation.monitoringWindow !== null), 'the watch is the phase');
  must(new Set(outbox.pages.map(({ n }) => n)).size === outbox.pages.length, 'every order has its number');
}

/** A person says that it is fixed, or every alert clears: then it ends, whatever came before. */
function expectEnds(life: SimulatedIncident, how: 'resolve' | 'clear'): void {
  const simulator = simulateFrom(life, expectLawful);
  if (!isOpen(simulator.snapshot().incident.phase)) return;
  if (how === 'clear') {
    for (const { fingerprint, startsAt } of firingAlerts(life.incident))
      simulator.receiveAlerts({ fingerprint, startsAt, status: 'resolved' });
    // Silence alone is no proof for what somebody had.
    if (simulator.snapshot().incident.phase === 'monitoring' && life.incident.acknowledgedAt !== null) {
      simulator.execute({ type: 'resolve', resolution: 'looked at it' });
    }
    if (simulator.snapshot().incident.phase !== 'monitoring') return;
  } else {
    const names = firingAlerts(life.incident).map(({ fingerprint }) => fingerprint);
    must(!simulator.execute({ type: 'resolve', resolution: 'fixed', ignoreAlerts: names }).refused, 'resolve is taken');
  }
  for (let n = 0; n < 50 && isOpen(simulator.snapshot().incident.phase); n += 1)
    must(simulator.advanceToNextDeadline(), 'something is due');
  must(simulator.snapshot().incident.phase === 'resolved', 'it ends');
}

test('[LIFE-1] [LIFE-3] [SEV-11] [PAGE-18] [REC-1] whatever happens: nobody is paged who need not be, no level is skipped, no deadline is lost, no phase goes back by itself, and it ends when it is over', () => {
  fc.assert(
    fc.property(severities, plans, fc.constantFrom('resolve' as const, 'clear' as const), (severity, plan, how) => {
      expectEnds(walk(alarmed(severity), plan), how);
    }),
    { numRuns: RUNS },
  );
});

test('[REC-1] the record is the fold of its events: played again they lead to the same state', () => {
  fc.assert(
    fc.property(severities, plans, (severity, plan) => {
      const { incident, events } = walk(alarmed(severity), plan);
      const again = events.reduce(evolve, blankIncident(aDeclaration({ severity }), 0));
      expect(again).toEqual(incident);
      // It survives being handed over as JSON.
      expect(JSON.parse(JSON.stringify(incident))).toEqual(incident);
    }),
    { numRuns: RUNS / 5 },
  );
});

test('[CMD-1] [CMD-2] no command is taken in a phase that does not allow it, or refused without saying what can be done', () => {
  fc.assert(
    fc.property(severities, plans, (severity, plan) => {
      const { incident, at } = walk(alarmed(severity), plan);
      for (const type of COMMAND_TYPES) {
        const decision = simulateFrom({ incident, at, events: [] }).execute(SAMPLE_COMMANDS[type]);
        if (!phasesAllowing(type).includes(incident.phase)) expect(decision.refused).toBe(true);
        if (decision.refused) {
          expect(decision.reason).not.toBe('');
          for (const allowed of decision.allowed) expect(phasesAllowing(allowed)).toContain(incident.phase);
        }
      }
    }),
    { numRuns: RUNS / 10 },
  );
});

/** What matters most, so that every order of it can be tried. */
const FEW: readonly Named[] = [
  tick,
  answers('reached'),
  answers('nobody'),
  say({ type: 'acknowledge' }),
  say({ type: 'decideMitigation', decision: 'rollback' }),
  say({ type: 'reportMitigation', outcome: 'failed' }, 'it failed'),
  say({ type: 'resolve', resolution: 'done' }, 'resolve'),
  say({ type: 'reopen', reason: 'no' }, 'reopen'),
  say({ type: 'setSeverity', severity: 'SEV1', reason: 'worse' }, 'SEV1'),
  say({ type: 'setSeverity', severity: 'SEV3', reason: 'less' }, 'SEV3'),
  hear('f2 fires', 'f2', { severity: 'SEV2' }),
  clear('f1'),
  clear('f2'),
];
const DEPTH = 4;

/** Two ways that lead to the same place need be followed once: what has been said is no part of it. */
function placeOf({ incident, at }: SimulatedIncident): string {
  const { projection: _p, outbox, deliveries: _d, stateVersion: _r, ...rest } = incident;
  return JSON.stringify([at, rest, outbox.pages]);
}

test('[LIFE-1] [PAGE-18] every plan of up to four steps, one after the other, keeps the rules, and ends', () => {
  const seen = new Set<string>();
  const explore = (life: SimulatedIncident, depth: number): void => {
    const place = `${depth} ${placeOf(life)}`;
    if (seen.has(place)) return;
    seen.add(place);
    expectEnds(life, 'resolve');
    expectEnds(life, 'clear');
    if (depth > 0) for (const step of FEW) explore(walk(life, [step]), depth - 1);
  };
  explore(alarmed('SEV2'), DEPTH);
  expect(seen.size).toBeGreaterThan(1_000);
}, 120_000);
