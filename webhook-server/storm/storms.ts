/**
 * Storms are folded at the edge: beyond a team's limit of new incidents in a minute, groups of alerts that have none
 * yet join the team's storm. SEV1, restricted groups and tests never join.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Config } from '../../config/config.ts';
import { stormWorkflowIdFor } from '../../config/identity.ts';
import type { Records } from '../../records/index.ts';
import { isLinked } from '../fallback-paging/firing.ts';
import type { RoutedAlerts } from '../gateway.ts';
import type { Counts } from '../incidents/counts.ts';
import type { Gate } from '../incidents/gate.ts';
import { isHeldBack } from '../maintenance/mark.ts';
import { createKnown } from './known.ts';
import { keepLookout } from './lookout.ts';
import { createPace } from './pace.ts';
import { createPass, isFiring, isGrave, type Send } from './pass.ts';
import { createPicture } from './picture.ts';
import { createQuiet } from './quiet.ts';
import { countServers } from './servers.ts';

export interface Storms {
  /** Brings the alerts of one message for one incident where it belongs; the ids of the workflows that have it now. Throws what `send` throws. */
  pass(routed: RoutedAlerts, send: Send): Promise<readonly string[]>;
  /** Where the alerts of one message for one incident that could not be brought yet will most likely go; null: nowhere, it opens nothing. */
  expected(routed: RoutedAlerts): string | null;
  /** How many teams have a storm, as far as this server knows. */
  open(): number;
  close(): void;
}

/** What folding asks of a server. */
export interface StormSettings {
  readonly config: () => Config;
  /** Knows the other servers. May be away. */
  readonly records: Pick<Records, 'announce' | 'state'>;
  /** This server's name, the same after a restart and unlike any other's. */
  readonly server: string;
  /** A clock that never goes back, ms. */
  readonly now?: () => number;
}

export interface StormParts extends StormSettings {
  readonly client: Client;
  readonly gate: Gate;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly counts: Counts;
}

/** Every group is an incident of its own. */
export const noStorms: Storms = {
  pass: async (routed, send) => ((await send(routed, 'open')) ? [routed.opening.workflowId] : []),
  expected: ({ alerts, opening }) => (alerts.some(isFiring) ? opening.workflowId : null),
  open: () => 0,
  close: () => undefined,
};

/** Watches in the background from now on. */
export function createStorms(parts: StormParts): Storms {
  const { config, records, server, client, gate, log, counts, now = () => performance.now() } = parts;
  const pace = createPace(now);
  const known = createKnown(now);
  const picture = createPicture(now, log);
  const servers = countServers(records, server);
  const alone = (): boolean => servers.count() === 1;
  const pass = createPass({ config, pace, known, picture, quiet: createQuiet(now), counts, alone });
  const teams = (): Iterable<string> => (config().storm.newIncidentsPerMinute === null ? [] : config().teams.keys());
  const endLookout = keepLookout({ client, gate, picture, known, teams, now });

  /** This server's part of the new incidents a minute; null: no limit. */
  function limitFor({ test, restricted, team }: RoutedAlerts['opening']): number | null {
    const { storm, teams: configured } = config();
    if (storm.newIncidentsPerMinute === null || test || restricted || !configured.has(team)) return null;
    return Math.ceil(storm.newIncidentsPerMinute / servers.count());
  }

  return {
    async pass(routed, send) {
      const limit = isLinked(routed) ? null : limitFor(routed.opening);
      return limit === null ? noStorms.pass(routed, send) : pass(routed, send, limit);
    },
    expected(routed) {
      const { team, workflowId } = routed.opening;
      const own = noStorms.expected(routed);
      const limit = limitFor(routed.opening);
      if (own === null || limit === null || known.has(workflowId) || isGrave(routed) || isHeldBack(routed)) return own;
      const stays = !picture.isMember(team, workflowId) && pace.hasRoom(team, workflowId, limit);
      return stays ? own : stormWorkflowIdFor(team);
    },
    open: () => picture.open(),
    close() {
      endLookout();
      servers.close();
    },
  };
}
