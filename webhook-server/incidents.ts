/**
 * Incidents over Temporal and the spool: the implementation of `IncidentsGateway`, put together from one file for each
 * of its duties.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { FallbackPaging } from './fallback-paging/fallback-paging.ts';
import { noFallbackPaging } from './fallback-paging/none.ts';
import type { IncidentsGateway, RoutedAlerts } from './gateway.ts';
import { createCommands } from './incidents/commands.ts';
import { noCounts } from './incidents/counts.ts';
import { createDeclare } from './incidents/declare.ts';
import { createDelivery, type Deliver } from './incidents/delivery.ts';
import { createGate, type Gate } from './incidents/gate.ts';
import { createIntake } from './incidents/intake.ts';
import { createKeptCommands } from './incidents/kept-commands.ts';
import { createReads } from './incidents/reads.ts';
import { createRepeats, type Repeats } from './incidents/repeats.ts';
import { createReplay } from './incidents/replay.ts';
import { createRunning } from './incidents/running.ts';
import { createTombstones } from './incidents/tombstones.ts';
import { isHeldBack } from './maintenance/mark.ts';
import type { Maintenance } from './maintenance/maintenance.ts';
import type { Spool } from './spool/spool.ts';
import { createStorms, noStorms, type StormSettings } from './storm/storms.ts';

export interface IncidentsParts {
  readonly client: Client;
  /** Opened by `openSpool`; closed by whoever opened it, after `close()` here. */
  readonly spool: Spool;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now?: () => number;
  /** Where others ask as well whether Temporal answers; one of its own unless given. Closed here. */
  readonly gate?: Gate;
  /** Without it, every group is an incident of its own. */
  readonly storm?: StormSettings;
  /** Without it, nothing is held back. Closed by whoever made it. */
  readonly maintenance?: Pick<Maintenance, 'mark'>;
  /** Without it, nobody is paged while Temporal is away. Closed here. */
  readonly fallbackPaging?: FallbackPaging;
}

export interface Incidents extends IncidentsGateway {
  /** Stops probing and replaying; up to 6 s while calls are late. Requests must have ended, the client must not have. */
  close(): Promise<void>;
}

/** Starts probing Temporal and replaying the spool at once. */
export function createIncidents(parts: IncidentsParts): Incidents {
  const { client, spool, log, now = Date.now, gate = createGate({ client, log }), storm } = parts;
  const { fallbackPaging = noFallbackPaging, maintenance } = parts;
  const counts = noCounts();
  const repeats = createRepeats(now);
  const deliver = remembering(repeats, createDelivery({ client, gate, tombstones: createTombstones(now) }));
  const storms = storm === undefined ? noStorms : createStorms({ ...storm, client, gate, log, counts });
  const onSpooled = (routed: RoutedAlerts): void => {
    fallbackPaging.spooled(routed);
    replay.nudge();
  };
  const intake = createIntake({ deliver, storms, spool, log, counts, onSpooled, onTold: fallbackPaging.told });
  const reads = createReads({ client, gate });
  const running = createRunning({ client, gate, reads, now });
  const declare = createDeclare({ client, gate, reads, now });
  const kept = createKeptCommands({
    ...{ spool, fallbackPaging, log, now },
    send: createCommands({ client, gate, reads }),
    isAway: () => !gate.isOpen(),
    onKept: () => replay.nudge(),
  });
  const ready = recall(spool, fallbackPaging, log);
  const replay = createReplay({ spool, gate, intake, fallbackPaging, kept, ready, log, counts });

  /** A live alert may overtake the replay of what the edge paged about it. */
  const withPages = (routed: RoutedAlerts): RoutedAlerts => {
    const alreadyPaged = fallbackPaging.pagesOf(routed);
    return alreadyPaged.length === 0 ? routed : { ...routed, alreadyPaged };
  };

  async function report(routed: RoutedAlerts): Promise<readonly string[]> {
    const told = repeats.knownTo(routed) ?? (await intake.hold(withPages(routed)));
    if (!isHeldBack(routed)) return told;
    counts.held += 1;
    return []; // there is no incident that a sender could be shown
  }

  return {
    async report(routedAlerts) {
      const told = await Promise.all(routedAlerts.map(async (one) => report(maintenance?.mark(one) ?? one)));
      const workflowIds = [...new Set(told.flat())];
      workflowIds.forEach(running.note);
      return workflowIds;
    },
    declare(opening) {
      running.note(opening.workflowId);
      return declare(opening);
    },
    running: running.read,
    command: kept.send,
    known: (workflowId) => fallbackPaging.known(workflowId),
    show: (workflowId, incidentId) => reads.show(workflowId, { ...(incidentId === undefined ? {} : { incidentId }) }),
    timeline: reads.timeline,
    explain: reads.explain,
    expected: (routed) => storms.expected(routed),
    async state() {
      await gate.known;
      return {
        temporal: gate.isOpen() ? 'up' : 'down',
        spool: (await spool.writable()) ? 'writable' : 'unwritable',
        spooled: spool.waiting(),
        storms: storms.open(),
      };
    },
    counts: () => ({ ...counts, corrupt: spool.corrupt() }),
    async close() {
      storms.close();
      await Promise.all([gate.close(), replay.close()]);
      await fallbackPaging.close();
    },
  };
}

/** What waited in the spool before this process: nobody may have been paged about it yet. */
async function recall(spool: Spool, fallbackPaging: FallbackPaging, log: IncidentsParts['log']): Promise<void> {
  if (fallbackPaging === noFallbackPaging || spool.waiting() === 0) return;
  try {
    const { commands } = await spool.backlog((routed) => fallbackPaging.spooled(routed, 'again'));
    for (const { workflowId } of commands) fallbackPaging.acknowledged(workflowId);
  } catch (err) {
    log.error({ err }, 'the spool could not be read: nobody is paged about what waits in it until Temporal is back');
  }
}

function remembering(repeats: Repeats, deliver: Deliver): Deliver {
  return async (routedAlerts, how) => {
    const told = await deliver(routedAlerts, how);
    if (told) repeats.told(routedAlerts);
    return told;
  };
}
