/**
 * Several incidents in the pure domain that speak to each other: what one says waits in its state until the town
 * carries it over, word by word for each pair, in whatever order a test likes. Times are minutes.
 */
import type { AlertReport } from '../../domain/kernel/alert.ts';
import { observe } from '../../domain/engine/observe.ts';
import { isForwarded, observeForwarded } from '../../domain/engine/observe-forwarded.ts';
import type { Decision } from '../../domain/kernel/decision.ts';
import type { IncidentEvent } from '../../domain/kernel/events.ts';
import { nextForward } from '../../domain/merge/forwarding.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import { giveUpMerge, unanswered } from '../../domain/merge/merge.ts';
import { handleMergeMessage } from '../../domain/engine/merge-incidents.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { anAlertBatch, anAlert } from './builders.ts';
import type { TestCommand } from './scenario.ts';
import { afterEvents, atMinute, declaredIncident, decideCommand } from './pure-incident.ts';

export interface MultiIncidentSimulator {
  readonly names: readonly string[];
  get(name: string): Incident;
  put(name: string, incident: Incident): void;
  record(name: string, ...events: readonly IncidentEvent[]): void;
  /** Gives a command; answers what was judged. */
  execute(name: string, command: TestCommand, minute?: number): Decision;
  /** Monitoring speaks; answers what fires again as something new. */
  receiveAlerts(name: string, ...alerts: readonly Partial<AlertReport>[]): readonly AlertReport[];
  /** `fingerprint/start` of every firing that an open incident has heard of. */
  readonly heardFirings: ReadonlySet<string>;
  /** Pairs between which something waits. */
  pendingPairs(): readonly (readonly [from: string, to: string])[];
  /** Carries the next thing over. `again`: its sender does not learn that it has arrived, and will say it again. */
  deliverNext(from: string, to: string, again?: boolean): void;
  /** Carries everything over, until nobody has anything to say. */
  deliverAll(): void;
  /** The asker has stopped waiting. */
  giveUpMerge(name: string): void;
}

/** Incidents `inc-a`, `inc-b` …, each with its alert firing: fingerprint `a`, `b` … */
export function simulateIncidents(...openings: readonly Partial<Declaration>[]): MultiIncidentSimulator {
  const incidents = new Map<string, Incident>();
  let minute = 1;
  const nameOf = (workflowId: string): string => workflowId.replace('inc-', '');
  const get = (name: string): Incident => {
    const incident = incidents.get(name);
    if (incident === undefined) throw new Error(`nobody is called ${name}`);
    return incident;
  };
  const heardFirings = new Set<string>();
  const record = (name: string, ...events: readonly IncidentEvent[]): void => {
    for (const event of events) {
      if (isOpen(get(name).phase)) for (const firing of firingsOf(event)) heardFirings.add(firing);
      incidents.set(name, afterEvents(get(name), event));
    }
  };

  function receiveAlerts(name: string, ...alerts: readonly Partial<AlertReport>[]): readonly AlertReport[] {
    const { events, recurring } = observe(
      get(name),
      anAlertBatch(alerts.map(anAlert), { receivedAt: atMinute(minute) }),
      atMinute(minute),
    );
    record(name, ...events);
    return recurring;
  }

  openings.forEach((opening, i) => {
    const name = String.fromCharCode(97 + i);
    incidents.set(name, declaredIncident({ workflowId: `inc-${name}`, incidentId: `E-${name}`, ...opening }));
    receiveAlerts(name, { fingerprint: name, severity: opening.severity ?? 'SEV2' });
  });

  function deliverMergeMessage(from: string, to: string, again: boolean): boolean {
    const order = get(from).outbox.mergeMessages?.find((word) => nameOf(word.to) === to);
    if (order === undefined) return false;
    const known = incidents.get(to);
    if (known !== undefined) record(to, ...handleMergeMessage(known, order.message, atMinute(minute)));
    if (!again) record(from, { type: 'merge-message-sent', at: atMinute(minute), id: order.id });
    if (known === undefined && order.message.kind === 'merge-request') {
      record(from, ...unanswered(get(from), 'there is no open incident of that id', atMinute(minute)));
    }
    return true;
  }

  function deliverForwardedAlerts(from: string, to: string, again: boolean): void {
    const next = nextForward(get(from), atMinute(minute));
    if (next === null || nameOf(next.to) !== to || !isForwarded(next.batch)) return;
    record(to, ...observeForwarded(get(to), next.batch, atMinute(minute)));
    if (!again) record(from, { ...next.done, at: atMinute(minute) });
  }

  const simulator: MultiIncidentSimulator = {
    heardFirings,
    names: [...incidents.keys()],
    get,
    put: (name, incident) => void incidents.set(name, incident),
    record,
    receiveAlerts,
    execute(name, command, when = (minute += 1)) {
      const decision = decideCommand(get(name), command, when);
      if (!decision.refused) record(name, ...decision.events);
      return decision;
    },
    pendingPairs() {
      const pairs = [...incidents.keys()].flatMap((from) => {
        const to = (get(from).outbox.mergeMessages ?? []).map((word) => nameOf(word.to));
        const next = nextForward(get(from), atMinute(minute));
        return [...new Set(next === null ? to : [...to, nameOf(next.to)])].map((name) => [from, name] as const);
      });
      return pairs;
    },
    deliverNext(from, to, again = false) {
      minute += 0.001;
      if (!deliverMergeMessage(from, to, again)) deliverForwardedAlerts(from, to, again);
    },
    deliverAll() {
      for (let steps = 0; simulator.pendingPairs().length > 0; steps += 1) {
        if (steps > 1_000) throw new Error('they never stop talking');
        for (const [from, to] of simulator.pendingPairs()) simulator.deliverNext(from, to);
      }
    },
    giveUpMerge: (name) => record(name, ...giveUpMerge(get(name), atMinute(minute))),
  };
  return simulator;
}

function firingsOf(event: IncidentEvent): readonly string[] {
  if (event.type !== 'alerts-fired' && event.type !== 'alerts-joined') return [];
  return event.alerts.map(({ fingerprint, startsAt }) => `${fingerprint}/${startsAt}`);
}
