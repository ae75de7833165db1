/**
 * Incidents over Temporal and the spool: the implementation of `IncidentsGateway`, put together from one file for each
 * of its duties.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { IncidentsGateway } from './gateway.ts';
import { createCommands } from './incidents/commands.ts';
import { noCounts } from './incidents/counts.ts';
import { createDeclare } from './incidents/declare.ts';
import { createDelivery } from './incidents/delivery.ts';
import { createGate } from './incidents/gate.ts';
import { createIntake } from './incidents/intake.ts';
import { createReads } from './incidents/reads.ts';
import { createReplay } from './incidents/replay.ts';
import { createTombstones } from './incidents/tombstones.ts';
import type { Spool } from './spool/spool.ts';

export interface IncidentsParts {
  readonly client: Client;
  /** Opened by `openSpool`; closed by whoever opened it, after `close()` here. */
  readonly spool: Spool;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now?: () => number;
}

export interface Incidents extends IncidentsGateway {
  /** Stops probing and replaying; up to 6 s while calls are late. Requests must have ended, the client must not have. */
  close(): Promise<void>;
}

/** Starts probing Temporal and replaying the spool at once. */
export function createIncidents({ client, spool, log, now = Date.now }: IncidentsParts): Incidents {
  const counts = noCounts();
  const gate = createGate({ client, log });
  const deliver = createDelivery({ client, gate, tombstones: createTombstones(now) });
  const intake = createIntake({ deliver, spool, log, counts, onSpooled: () => replay.nudge() });
  const replay = createReplay({ spool, gate, intake, log, counts });
  const reads = createReads({ client, gate });

  return {
    async report(sightings) {
      const held = await Promise.all(sightings.map(intake.hold));
      return [...new Set(held.filter((workflowId) => workflowId !== null))];
    },
    declare: createDeclare({ client, gate, reads, now }),
    command: createCommands({ client, gate, reads }),
    show: (workflowId, episode) => reads.show(workflowId, { ...(episode === undefined ? {} : { episode }) }),
    timeline: reads.timeline,
    async state() {
      await gate.known;
      return {
        temporal: gate.isOpen() ? 'up' : 'down',
        spool: (await spool.writable()) ? 'writable' : 'unwritable',
        spooled: spool.waiting(),
      };
    },
    counts: () => ({ ...counts, corrupt: spool.corrupt() }),
    async close() {
      await Promise.all([gate.close(), replay.close()]);
    },
  };
}
