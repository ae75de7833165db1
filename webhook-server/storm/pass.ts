/**
 * Where the alerts of one message for one incident goes: to its own workflow or to its team's storm. Where a group has a run already it is told,
 * whatever the weather; members of a storm stay with it until it is over; and what comes below the limit gets an
 * incident of its own, so that nobody's page is lost behind a storm that somebody has acknowledged.
 */
import type { Config } from '../../config/config.ts';
import { stormWorkflowIdFor } from '../../config/identity.ts';
import type { AlertReport } from '../../domain/alert.ts';
import type { RoutedAlerts } from '../gateway.ts';
import type { Counts } from '../incidents/counts.ts';
import type { How } from '../incidents/delivery.ts';
import { isHeldBack } from '../maintenance/mark.ts';
import { folded } from './fold.ts';
import type { Known } from './known.ts';
import type { Pace } from './pace.ts';
import type { Picture } from './picture.ts';
import type { Quiet } from './quiet.ts';

/** Brings the alerts of one message for one incident to its workflow; true when it was opened or told. */
export type Send = (routed: RoutedAlerts, how: How) => Promise<boolean>;

/** The ids of the workflows that have the routed alerts now. `limit`: new incidents a minute. Throws what `send` throws. */
export type Pass = (routed: RoutedAlerts, send: Send, limit: number) => Promise<readonly string[]>;

export interface PassParts {
  readonly config: () => Config;
  readonly pace: Pace;
  readonly known: Known;
  readonly picture: Picture;
  readonly quiet: Quiet;
  readonly counts: Counts;
  /** No other server opens incidents. */
  readonly alone: () => boolean;
}

export const isFiring = ({ status }: AlertReport): boolean => status === 'firing';

/** Something fires that never joins a storm. */
export const isGrave = ({ alerts }: RoutedAlerts): boolean =>
  alerts.some((alert) => isFiring(alert) && alert.severity === 'SEV1');

export function createPass({ config, pace, known, picture, quiet, counts, alone }: PassParts): Pass {
  /** To its own workflow, if there is one. */
  async function tellOwn(routed: RoutedAlerts, send: Send): Promise<boolean> {
    const { workflowId } = routed.opening;
    const told = await send(routed, 'tell');
    if (told) known.add(workflowId);
    else known.forget(workflowId);
    return told;
  }

  async function openOwn(routed: RoutedAlerts, send: Send): Promise<readonly string[]> {
    const { workflowId } = routed.opening;
    if (!(await send(routed, 'open'))) return [];
    known.add(workflowId);
    if (!isHeldBack(routed)) quiet.opened(routed);
    return [workflowId];
  }

  async function tellStorm(routed: RoutedAlerts, send: Send): Promise<boolean> {
    const told = await send(folded(routed, config()), 'tell');
    if (!told) picture.ended(routed.opening.team);
    return told;
  }

  async function join(routed: RoutedAlerts, send: Send): Promise<readonly string[]> {
    const { team, workflowId } = routed.opening;
    if (!(await send(folded(routed, config(), quiet.take(team)), 'open'))) return [];
    picture.joined(team, workflowId);
    known.forget(workflowId);
    counts.folded += 1;
    return [stormWorkflowIdFor(team)];
  }

  /** The storm is told, and of what has ended the group's own workflow too: it may have one besides. */
  async function tellBoth(routed: RoutedAlerts, send: Send): Promise<{ storm: boolean; told: readonly string[] }> {
    const { team, workflowId } = routed.opening;
    const ended = routed.alerts.filter((alert) => !isFiring(alert));
    const [storm, own] = await Promise.all([
      tellStorm(routed, send),
      ended.length > 0 && tellOwn({ ...routed, alerts: ended }, send),
    ]);
    return { storm, told: [...(own ? [workflowId] : []), ...(storm ? [stormWorkflowIdFor(team)] : [])] };
  }

  /** Nothing fires: whoever may know of it is told, and nobody is woken. */
  async function clear(routed: RoutedAlerts, send: Send): Promise<readonly string[]> {
    const { team, workflowId } = routed.opening;
    if (picture.isMember(team, workflowId)) return (await tellBoth(routed, send)).told;
    if (await tellOwn(routed, send)) return [workflowId];
    // Another server may have brought it there a moment ago.
    const storm = picture.isOpen(team) && (await tellStorm(routed, send));
    return storm ? [stormWorkflowIdFor(team)] : [];
  }

  return async (routed, send, limit) => {
    const { team, workflowId } = routed.opening;
    if (!routed.alerts.some(isFiring)) return clear(routed, send);
    const wasKnown = known.has(workflowId);
    const isHeld = isHeldBack(routed);
    if (isGrave(routed)) {
      if (!wasKnown && !isHeld) pace.take(team, workflowId, limit);
      return openOwn(routed, send);
    }
    if (wasKnown && (await tellOwn(routed, send))) return [workflowId];
    if (picture.isMember(team, workflowId)) {
      const { storm, told } = await tellBoth(routed, send);
      if (storm) return told;
    }
    // Maintenance opens no incident now, so it takes nobody's place.
    if (isHeld || pace.take(team, workflowId, limit)) return openOwn(routed, send);
    // Not heard of here, but it may be open since before this server's start, or by another.
    const mayRun = !wasKnown && !(alone() && known.isWhole());
    if (mayRun && (await tellOwn(routed, send))) return [workflowId];
    return join(routed, send);
  };
}
