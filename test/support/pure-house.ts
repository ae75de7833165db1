/**
 * The whole way of a command line but for Temporal: the real routes and real records, and behind them incidents that
 * the pure domain judges. Time is the test's own. For what is said and answered; what happens by itself is for stories.
 */
import { nextBatch } from '../../domain/batch.ts';
import { blankIncident } from '../../domain/begin.ts';
import type { Command } from '../../domain/commands.ts';
import { decide } from '../../domain/decide.ts';
import type { IncidentEvent } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Opening } from '../../domain/opening.ts';
import { toTimeline, toView } from '../../domain/to-view.ts';
import type { Records } from '../../records/index.ts';
import { Refused, UnknownIncident, type IncidentsGateway } from '../../webhook-server/gateway.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import { openHttpEdge, type HttpEdge, YAML } from '../webhook-server/support/http-edge.ts';
import { realRecords } from '../webhook-server/support/records.ts';

/** What the routes of the house run by, without the secrets that its sources name. */
export const YAML_OF_TEAM = YAML.replace(/^sources:\n(?: .*\n)+/m, '');

export interface PureHouse {
  readonly edge: HttpEdge;
  /** The environment of a command line that speaks as an administrator. */
  readonly env: Readonly<Record<string, string>>;
  /** Minutes go by. */
  pass(minutes: number): void;
  /** The incident that was declared last. */
  latest(): Incident;
  /** What no command says: the end of a watch, a page that came back. */
  happen(event: EventNow): Promise<void>;
  close(): Promise<void>;
}

/** An event at the house's own time. */
type EventNow = IncidentEvent extends infer E ? (E extends IncidentEvent ? Omit<E, 'at'> : never) : never;

export async function openPureHouse({ startsAt, yaml }: { startsAt: string; yaml?: string }): Promise<PureHouse> {
  const real = await realRecords();
  const { records } = real;
  const house = createIncidents(records, Date.parse(startsAt));
  const edge = await openHttpEdge({ gateway: house.gateway, records, now: house.now, ...(yaml ? { yaml } : {}) });
  return {
    edge,
    env: { TOCSIN_URL: edge.url, TOCSIN_TOKEN: edge.tokens.admin },
    pass: house.pass,
    latest: house.latest,
    happen: (event) => house.record(house.latest(), [{ ...event, at: house.now() }]),
    async close() {
      await edge.close();
      await real.stop();
    },
  };
}

function createIncidents(records: Records, startsAt: number) {
  const incidents = new Map<string, Incident>();
  let now = startsAt;
  const find = (workflowId: string): Incident => {
    const incident = incidents.get(workflowId);
    if (incident === undefined) throw new UnknownIncident(workflowId);
    return incident;
  };

  async function record(before: Incident, events: readonly IncidentEvent[]): Promise<void> {
    const after = events.reduce(evolve, before);
    const batch = nextBatch(after);
    incidents.set(before.workflowId, after);
    if (batch === null) return;
    const numbered = await records.write({ ...batch, messages: [] });
    const told = { orders: [], deliveries: [], refs: {}, recorded: batch.revision, numbered };
    incidents.set(before.workflowId, evolve(after, { type: 'notification-accepted', at: now, ...told }));
  }

  async function declare(opening: Opening): Promise<ReturnType<typeof toView>> {
    await record(blankIncident(opening, now), [{ type: 'declared', at: now, opening }]);
    return toView(find(opening.workflowId));
  }

  async function command(workflowId: string, said: Command): Promise<CommandAnswer> {
    const incident = find(workflowId);
    const decision = decide(incident, said, now);
    if (decision.refused) throw new Refused({ ...decision, phase: incident.phase });
    await record(incident, decision.events);
    const { phase, seq } = find(workflowId);
    return { changed: decision.events.length > 0, text: decision.text, phase, seq };
  }

  const gateway: Partial<IncidentsGateway> = {
    declare,
    command,
    show: (id) => Promise.resolve().then(() => toView(find(id))),
    timeline: (id) => Promise.resolve().then(() => toTimeline(find(id))),
  };
  return {
    gateway,
    record,
    now: () => now,
    pass: (minutes: number) => void (now += minutes * 60_000),
    latest: () => [...incidents.values()].at(-1) ?? find('none'),
  };
}
