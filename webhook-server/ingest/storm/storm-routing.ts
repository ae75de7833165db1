/**
 * Where the alerts of one message for one incident goes: to its own workflow or to its team's storm. Where a group has a run already it is told,
 * whatever the weather; members of a storm stay with it until it is over; and what comes below the limit gets an
 * incident of its own, so that nobody's page is lost behind a storm that somebody has acknowledged.
 */
import type { Config } from '../../../config/config.ts';
import { stormWorkflowIdFor } from '../../../config/correlation-key.ts';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import type { IngestCounts } from '../../delivery/ingest-counts.ts';
import type { DeliveryMode } from '../../delivery/deliver-to-temporal.ts';
import { isSuppressed } from '../maintenance/suppress.ts';
import { foldIntoStorm } from './fold-into-storm.ts';
import type { KnownRuns } from './known-runs.ts';
import type { NewIncidentRateLimiter } from './new-incident-rate-limiter.ts';
import type { StormMembership } from './storm-membership.ts';
import type { RecentUnpagedIncidents } from './recent-unpaged-incidents.ts';

/** Brings the alerts of one message for one incident to its workflow; true when it was opened or told. */
export type SendToWorkflow = (routed: RoutedAlerts, mode: DeliveryMode) => Promise<boolean>;

/** The ids of the workflows that have the routed alerts now. `limit`: new incidents a minute. Throws what `send` throws. */
export type RouteThroughStorm = (
  routed: RoutedAlerts,
  send: SendToWorkflow,
  limit: number,
) => Promise<readonly string[]>;

export interface StormRoutingParts {
  readonly config: () => Config;
  readonly rateLimiter: NewIncidentRateLimiter;
  readonly knownRuns: KnownRuns;
  readonly membership: StormMembership;
  readonly recentUnpaged: RecentUnpagedIncidents;
  readonly counts: IngestCounts;
  /** No other server opens incidents. */
  readonly isOnlyServer: () => boolean;
}

export const isFiring = ({ status }: AlertReport): boolean => status === 'firing';

/** Something fires that never joins a storm. */
export const hasFiringSev1 = ({ alerts }: RoutedAlerts): boolean =>
  alerts.some((alert) => isFiring(alert) && alert.severity === 'SEV1');

export function createStormRouting({
  config,
  rateLimiter,
  knownRuns,
  membership,
  recentUnpaged,
  counts,
  isOnlyServer,
}: StormRoutingParts): RouteThroughStorm {
  /** To its own workflow, if there is one. */
  async function signalOwnIncident(routed: RoutedAlerts, send: SendToWorkflow): Promise<boolean> {
    const { workflowId } = routed.declaration;
    const delivered = await send(routed, 'signal');
    if (delivered) knownRuns.add(workflowId);
    else knownRuns.forget(workflowId);
    return delivered;
  }

  async function startOwnIncident(routed: RoutedAlerts, send: SendToWorkflow): Promise<readonly string[]> {
    const { workflowId } = routed.declaration;
    if (!(await send(routed, 'start'))) return [];
    knownRuns.add(workflowId);
    if (!isSuppressed(routed)) recentUnpaged.opened(routed);
    return [workflowId];
  }

  async function signalStorm(routed: RoutedAlerts, send: SendToWorkflow): Promise<boolean> {
    const delivered = await send(foldIntoStorm(routed, config()), 'signal');
    if (!delivered) membership.stormEnded(routed.declaration.team);
    return delivered;
  }

  async function joinStorm(routed: RoutedAlerts, send: SendToWorkflow): Promise<readonly string[]> {
    const { team, workflowId } = routed.declaration;
    if (!(await send(foldIntoStorm(routed, config(), recentUnpaged.take(team)), 'start'))) return [];
    membership.addMember(team, workflowId);
    knownRuns.forget(workflowId);
    counts.joinedStorm += 1;
    return [stormWorkflowIdFor(team)];
  }

  /** The storm is told, and of what has ended the group's own workflow too: it may have one besides. */
  async function signalStormAndOwn(
    routed: RoutedAlerts,
    send: SendToWorkflow,
  ): Promise<{ storm: boolean; delivered: readonly string[] }> {
    const { team, workflowId } = routed.declaration;
    const ended = routed.alerts.filter((alert) => !isFiring(alert));
    const [storm, own] = await Promise.all([
      signalStorm(routed, send),
      ended.length > 0 && signalOwnIncident({ ...routed, alerts: ended }, send),
    ]);
    return { storm, delivered: [...(own ? [workflowId] : []), ...(storm ? [stormWorkflowIdFor(team)] : [])] };
  }

  /** Nothing fires: whoever may know of it is told, and nobody is woken. */
  async function deliverResolved(routed: RoutedAlerts, send: SendToWorkflow): Promise<readonly string[]> {
    const { team, workflowId } = routed.declaration;
    if (membership.isMember(team, workflowId)) return (await signalStormAndOwn(routed, send)).delivered;
    if (await signalOwnIncident(routed, send)) return [workflowId];
    // Another server may have brought it there a moment ago.
    const storm = membership.isOpen(team) && (await signalStorm(routed, send));
    return storm ? [stormWorkflowIdFor(team)] : [];
  }

  return async (routed, send, limit) => {
    const { team, workflowId } = routed.declaration;
    if (!routed.alerts.some(isFiring)) return deliverResolved(routed, send);
    const wasKnown = knownRuns.has(workflowId);
    const isSuppressedNow = isSuppressed(routed);
    if (hasFiringSev1(routed)) {
      if (!wasKnown && !isSuppressedNow) rateLimiter.take(team, workflowId, limit);
      return startOwnIncident(routed, send);
    }
    if (wasKnown && (await signalOwnIncident(routed, send))) return [workflowId];
    if (membership.isMember(team, workflowId)) {
      const { storm, delivered } = await signalStormAndOwn(routed, send);
      if (storm) return delivered;
    }
    // Maintenance opens no incident now, so it takes nobody's place.
    if (isSuppressedNow || rateLimiter.take(team, workflowId, limit)) return startOwnIncident(routed, send);
    // Not heard of here, but it may be open since before this server's start, or by another.
    const mayRun = !wasKnown && !(isOnlyServer() && knownRuns.isComplete());
    if (mayRun && (await signalOwnIncident(routed, send))) return [workflowId];
    return joinStorm(routed, send);
  };
}
