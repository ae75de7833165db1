/**
 * The whole way of a command line but for Temporal: the real routes and real records, and behind them incidents that
 * the pure domain judges. Time is the test's own. For what is said and answered; what happens by itself is for stories.
 */
import { nextProjectionBatch } from '../../domain/engine/projection.ts';
import { blankIncident, evolve } from '../../domain/engine/evolve.ts';
import type { Command } from '../../domain/kernel/commands.ts';
import { decide } from '../../domain/engine/decide.ts';
import type { IncidentEvent } from '../../domain/kernel/events.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { plainText } from '../../domain/kernel/text.ts';
import { toTimeline, toView } from '../../domain/engine/to-view.ts';
import type { Records } from '../../records/open-records.ts';
import type { IncidentsGateway } from '../../webhook-server/incidents/gateway.ts';
import { CommandRefused } from '../../webhook-server/incidents/send-command.ts';
import { UnknownIncident } from '../../webhook-server/incidents/incident-queries.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import {
  startTestHttpServer,
  type TestHttpServer,
  HTTP_TEST_YAML,
} from '../webhook-server/support/test-http-server.ts';
import { realRecords } from '../webhook-server/support/test-records.ts';

/** What the routes of the house run by, without the secrets that its sources name. */
export const TEAM_YAML = HTTP_TEST_YAML.replace(/^sources:\n(?: .*\n)+/m, '');

export interface InMemoryServer {
  readonly httpServer: TestHttpServer;
  /** The environment of a command line that speaks as an administrator. */
  readonly env: Readonly<Record<string, string>>;
  /** Minutes go by. */
  advanceMinutes(minutes: number): void;
  /** The incident that was declared last. */
  latestIncident(): Incident;
  /** What no command says: the end of a watch, a page that came back. */
  recordEvent(event: EventNow): Promise<void>;
  close(): Promise<void>;
}

/** An event at the house's own time. */
type EventNow = IncidentEvent extends infer E ? (E extends IncidentEvent ? Omit<E, 'at'> : never) : never;

export async function startInMemoryServer({
  startsAt,
  yaml,
}: {
  startsAt: string;
  yaml?: string;
}): Promise<InMemoryServer> {
  const real = await realRecords();
  const { records } = real;
  const incidents = createInMemoryIncidents(records, Date.parse(startsAt));
  const httpServer = await startTestHttpServer({
    gateway: incidents.gateway,
    records,
    now: incidents.now,
    ...(yaml ? { yaml } : {}),
  });
  return {
    httpServer,
    env: { TOCSIN_URL: httpServer.url, TOCSIN_TOKEN: httpServer.tokens.admin },
    advanceMinutes: incidents.pass,
    latestIncident: incidents.latest,
    recordEvent: (event) => incidents.record(incidents.latest(), [{ ...event, at: incidents.now() }]),
    async close() {
      await httpServer.close();
      await real.stop();
    },
  };
}

function createInMemoryIncidents(records: Records, startsAt: number) {
  const incidents = new Map<string, Incident>();
  let now = startsAt;
  const find = (workflowId: string): Incident => {
    const incident = incidents.get(workflowId);
    if (incident === undefined) throw new UnknownIncident(workflowId);
    return incident;
  };

  async function record(before: Incident, events: readonly IncidentEvent[]): Promise<void> {
    const after = events.reduce(evolve, before);
    const batch = nextProjectionBatch(after);
    incidents.set(before.workflowId, after);
    if (batch === null) return;
    const numbered = await records.project({ ...batch, messages: [] });
    const told = {
      acceptedEntries: [],
      deliveries: [],
      refs: {},
      projectedVersion: batch.stateVersion,
      assignedReference: numbered,
    };
    incidents.set(before.workflowId, evolve(after, { type: 'notification-accepted', at: now, ...told }));
  }

  async function declare(declaration: Declaration): Promise<ReturnType<typeof toView>> {
    await record(blankIncident(declaration, now), [{ type: 'declared', at: now, declaration }]);
    return toView(find(declaration.workflowId));
  }

  async function command(workflowId: string, input: Command): Promise<CommandAnswer> {
    const incident = find(workflowId);
    const decision = decide(incident, input, now);
    if (decision.refused) throw new CommandRefused({ ...decision, phase: incident.phase });
    await record(incident, decision.events);
    const { phase, projection } = find(workflowId);
    return { changed: decision.events.length > 0, text: plainText([decision.text].flat()), phase, seq: projection.seq };
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
