/**
 * Several incidents in the pure domain that speak to each other: what one says waits in its state until the town
 * carries it over, word by word for each pair, in whatever order a test likes. Times are minutes.
 */
import type { AlertReport } from '../../domain/alert.ts';
import { observe } from '../../domain/alerts.ts';
import type { Decision } from '../../domain/decision.ts';
import type { IncidentEvent } from '../../domain/events.ts';
import { isForwarded, observeForwarded } from '../../domain/forwarded.ts';
import { nextForward } from '../../domain/forwarding.ts';
import type { Incident } from '../../domain/incident.ts';
import { givenUp, handleMergeMessage, unanswered } from '../../domain/merge.ts';
import { isOpen } from '../../domain/phase.ts';
import type { Opening } from '../../domain/opening.ts';
import { aBatch, anAlert } from './builders.ts';
import type { SayableCommand } from './story.ts';
import { after, at, declared, judged } from './play.ts';

export interface Town {
  readonly names: readonly string[];
  get(name: string): Incident;
  put(name: string, incident: Incident): void;
  record(name: string, ...events: readonly IncidentEvent[]): void;
  /** Gives a command; answers what was judged. */
  say(name: string, command: SayableCommand, minute?: number): Decision;
  /** Monitoring speaks; answers what fires again as something new. */
  hear(name: string, ...alerts: readonly Partial<AlertReport>[]): readonly AlertReport[];
  /** `fingerprint/start` of every firing that an open incident has heard of. */
  readonly heard: ReadonlySet<string>;
  /** Pairs between which something waits. */
  waiting(): readonly (readonly [from: string, to: string])[];
  /** Carries the next thing over. `again`: its sender does not learn that it has arrived, and will say it again. */
  carry(from: string, to: string, again?: boolean): void;
  /** Carries everything over, until nobody has anything to say. */
  settle(): void;
  /** The asker has stopped waiting. */
  giveUp(name: string): void;
}

/** Incidents `inc-a`, `inc-b` …, each with its alert firing: fingerprint `a`, `b` … */
export function town(...openings: readonly Partial<Opening>[]): Town {
  const places = new Map<string, Incident>();
  let minute = 1;
  const nameOf = (workflowId: string): string => workflowId.replace('inc-', '');
  const get = (name: string): Incident => {
    const incident = places.get(name);
    if (incident === undefined) throw new Error(`nobody is called ${name}`);
    return incident;
  };
  const heard = new Set<string>();
  const record = (name: string, ...events: readonly IncidentEvent[]): void => {
    for (const event of events) {
      if (isOpen(get(name).phase)) for (const firing of firingsOf(event)) heard.add(firing);
      places.set(name, after(get(name), event));
    }
  };

  function hear(name: string, ...alerts: readonly Partial<AlertReport>[]): readonly AlertReport[] {
    const { events, recurring } = observe(get(name), aBatch(alerts.map(anAlert)), at(minute));
    record(name, ...events);
    return recurring;
  }

  openings.forEach((opening, i) => {
    const name = String.fromCharCode(97 + i);
    places.set(name, declared({ workflowId: `inc-${name}`, incidentId: `E-${name}`, ...opening }));
    hear(name, { fingerprint: name, severity: opening.severity ?? 'SEV2' });
  });

  function carryWord(from: string, to: string, again: boolean): boolean {
    const order = get(from).orders.words?.find((word) => nameOf(word.to) === to);
    if (order === undefined) return false;
    const known = places.get(to);
    if (known !== undefined) record(to, ...handleMergeMessage(known, order.word, at(minute)));
    if (!again) record(from, { type: 'merge-message-sent', at: at(minute), id: order.id });
    if (known === undefined && order.word.say === 'absorb') {
      record(from, ...unanswered(get(from), 'there is no open incident of that id', at(minute)));
    }
    return true;
  }

  function carryBatch(from: string, to: string, again: boolean): void {
    const next = nextForward(get(from), at(minute));
    if (next === null || nameOf(next.to) !== to || !isForwarded(next.batch)) return;
    record(to, ...observeForwarded(get(to), next.batch, at(minute)));
    if (!again) record(from, { ...next.done, at: at(minute) });
  }

  const own: Town = {
    heard,
    names: [...places.keys()],
    get,
    put: (name, incident) => void places.set(name, incident),
    record,
    hear,
    say(name, command, when = (minute += 1)) {
      const decision = judged(get(name), command, when);
      if (!decision.refused) record(name, ...decision.events);
      return decision;
    },
    waiting() {
      const pairs = [...places.keys()].flatMap((from) => {
        const to = (get(from).orders.words ?? []).map((word) => nameOf(word.to));
        const next = nextForward(get(from), at(minute));
        return [...new Set(next === null ? to : [...to, nameOf(next.to)])].map((name) => [from, name] as const);
      });
      return pairs;
    },
    carry(from, to, again = false) {
      minute += 0.001;
      if (!carryWord(from, to, again)) carryBatch(from, to, again);
    },
    settle() {
      for (let steps = 0; own.waiting().length > 0; steps += 1) {
        if (steps > 1_000) throw new Error('they never stop talking');
        for (const [from, to] of own.waiting()) own.carry(from, to);
      }
    },
    giveUp: (name) => record(name, ...givenUp(get(name), at(minute))),
  };
  return own;
}

function firingsOf(event: IncidentEvent): readonly string[] {
  if (event.type !== 'alerts-fired' && event.type !== 'alerts-joined') return [];
  return event.alerts.map(({ fingerprint, startsAt }) => `${fingerprint}/${startsAt}`);
}
