/**
 * The storm stage: own incident or the team's storm. Beyond a team's limit of new incidents in a minute, groups of
 * alerts that have no incident yet join the team's storm. SEV1, restricted groups and tests never join.
 *
 * A group that has a run keeps it, storm or not; a member of a storm stays with it until it is over; and a group below
 * the limit gets its own incident, so that no page is lost behind a storm that somebody has acknowledged.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Config } from '../../../config/config.ts';
import { stormWorkflowIdFor } from '../../../config/routing.ts';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { Circuit } from '../../delivery/circuit-breaker.ts';
import type { DeliveryMode } from '../../delivery/deliver-to-temporal.ts';
import type { IngestCounts } from '../../delivery/durable-delivery.ts';
import { hasFallbackPageLink } from '../../delivery/fallback-paging/firings.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { foldIntoStorm } from './fold-into-storm.ts';
import { KnownRuns, NewIncidentRateLimiter, RecentUnpagedIncidents, StormMembership } from './storm-memory.ts';
import { StormPoller, type ServerCount } from './storm-poller.ts';

/** Sends routed alerts to the workflow of their declaration; true when a run took them. */
export type SendToWorkflow = (routed: RoutedAlerts, mode: DeliveryMode) => Promise<boolean>;

/** The destination of routed alerts, as far as this server knows. */
export interface Destination {
  readonly to: 'resolve' | 'own' | 'known-run' | 'new' | 'member' | 'storm';
  /** Null: nothing fires, so nothing is opened. */
  readonly workflowId: string | null;
  /** Why they go to the team's storm; null: they do not. */
  readonly reason: string | null;
}

/** What storms need from a server. */
export interface StormSettings {
  readonly config: () => Config;
  /** Closed with the storms. */
  readonly servers: Pick<ServerCount, 'count' | 'isAlone' | 'close'>;
  /** A monotonic clock, ms. */
  readonly now?: () => number;
}

export interface StormsParts extends StormSettings {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly counts: Pick<IngestCounts, 'joinedStorm'>;
}

export type Storms = Pick<FoldingStorms, 'destinationOf' | 'route' | 'openCount' | 'close'>;

const isFiring = ({ status }: AlertReport): boolean => status === 'firing';

const hasFiringSev1 = ({ alerts }: RoutedAlerts): boolean =>
  alerts.some((alert) => isFiring(alert) && alert.severity === 'SEV1');

const ownOrNothing = ({ alerts, declaration: { workflowId } }: RoutedAlerts): Destination =>
  alerts.some(isFiring) ? { to: 'own', workflowId, reason: null } : { to: 'resolve', workflowId: null, reason: null };

const startOrNothing = async (routed: RoutedAlerts, send: SendToWorkflow): Promise<readonly string[]> =>
  (await send(routed, 'start')) ? [routed.declaration.workflowId] : [];

/** Without storms every group is an incident of its own. */
export const noStorms: Storms = {
  destinationOf: ownOrNothing,
  route: startOrNothing,
  openCount: () => 0,
  close: () => undefined,
};

/** Polls in the background from its construction on. */
export class FoldingStorms {
  readonly knownRuns: KnownRuns;
  readonly membership: StormMembership;
  private readonly rateLimiter: NewIncidentRateLimiter;
  private readonly recentUnpaged: RecentUnpagedIncidents;
  private readonly servers: StormSettings['servers'];
  private readonly poller: StormPoller;
  private readonly config: () => Config;
  private readonly counts: StormsParts['counts'];

  constructor({ config, servers, client, circuitBreaker, log, counts, now = steadyNow }: StormsParts) {
    this.config = config;
    this.counts = counts;
    this.knownRuns = new KnownRuns(now);
    this.membership = new StormMembership(now, log);
    this.rateLimiter = new NewIncidentRateLimiter(now);
    this.recentUnpaged = new RecentUnpagedIncidents(now);
    this.servers = servers;
    const teams = (): Iterable<string> => (config().storm.newIncidentsPerMinute === null ? [] : config().teams.keys());
    const { knownRuns, membership } = this;
    this.poller = new StormPoller({ client, circuitBreaker, membership, knownRuns, teams, now });
  }

  openCount(): number {
    return this.membership.openCount();
  }

  close(): void {
    this.poller.close();
    this.servers.close();
  }

  /** Decides from memory, without counting the group. */
  destinationOf(routed: RoutedAlerts): Destination {
    const { team, workflowId } = routed.declaration;
    const limit = this.limitFor(routed);
    const own = ownOrNothing(routed);
    if (limit === null || own.workflowId === null) return own;
    if (hasFiringSev1(routed)) return { ...own, to: 'new' };
    if (this.knownRuns.has(workflowId)) return { ...own, to: 'known-run' };
    const storm = stormWorkflowIdFor(team);
    if (this.membership.isMember(team, workflowId))
      return { to: 'member', workflowId: storm, reason: `this group joined ${storm} before` };
    // Maintenance opens no incident now, so it does not count.
    if (routed.declaration.suppressed || this.rateLimiter.hasRoom(team, workflowId, limit))
      return { ...own, to: 'new' };
    const reason = `team ${team} has had ${limit} new incidents within a minute`;
    return { to: 'storm', workflowId: storm, reason };
  }

  /** Resolves with the ids of the workflows that now have the routed alerts. Throws what `send` throws. */
  async route(
    routed: RoutedAlerts,
    send: SendToWorkflow,
    destination = this.destinationOf(routed),
  ): Promise<readonly string[]> {
    if (this.limitFor(routed) === null) return startOrNothing(routed, send);
    const wasKnown = this.knownRuns.has(routed.declaration.workflowId);
    let { to } = destination;
    if (to === 'known-run') {
      if (await this.signalOwnIncident(routed, send)) return [routed.declaration.workflowId];
      ({ to } = this.destinationOf(routed)); // that run has ended
    }
    if (to === 'member') {
      const { storm, delivered } = await this.signalStormAndOwn(routed, send);
      if (storm) return delivered;
      ({ to } = this.destinationOf(routed)); // the storm is over
    }
    if (to === 'resolve') return this.deliverResolved(routed, send);
    if (to !== 'storm') return this.startOwnIncident(routed, send);
    // Unknown here, but its run may be older than this server, or started by another.
    const mayRun = !wasKnown && !(this.servers.count === 1 && this.knownRuns.isComplete());
    if (mayRun && (await this.signalOwnIncident(routed, send))) return [routed.declaration.workflowId];
    return this.joinStorm(routed, send);
  }

  /** This server's share of the team's new incidents a minute; null: no limit, so no storm. */
  private limitFor(routed: RoutedAlerts): number | null {
    const { test, restricted, team } = routed.declaration;
    const { storm, teams } = this.config();
    if (storm.newIncidentsPerMinute === null || test || restricted || !teams.has(team)) return null;
    if (routed.alreadyPaged !== undefined && hasFallbackPageLink(routed, routed.alreadyPaged)) return null;
    return Math.ceil(storm.newIncidentsPerMinute / this.servers.count);
  }

  private async startOwnIncident(routed: RoutedAlerts, send: SendToWorkflow): Promise<readonly string[]> {
    const { team, workflowId, suppressed } = routed.declaration;
    if (!suppressed && !this.knownRuns.has(workflowId))
      this.rateLimiter.take(team, workflowId, this.limitFor(routed) ?? Infinity);
    if (!(await send(routed, 'start'))) return [];
    this.knownRuns.add(workflowId);
    if (!suppressed) this.recentUnpaged.opened(routed);
    return [workflowId];
  }

  /** To its own workflow, if that runs. */
  private async signalOwnIncident(routed: RoutedAlerts, send: SendToWorkflow): Promise<boolean> {
    const { workflowId } = routed.declaration;
    const delivered = await send(routed, 'signal');
    if (delivered) this.knownRuns.add(workflowId);
    else this.knownRuns.forget(workflowId);
    return delivered;
  }

  private async signalStorm(routed: RoutedAlerts, send: SendToWorkflow): Promise<boolean> {
    const delivered = await send(foldIntoStorm(routed, this.config()), 'signal');
    if (!delivered) this.membership.stormEnded(routed.declaration.team);
    return delivered;
  }

  private async joinStorm(routed: RoutedAlerts, send: SendToWorkflow): Promise<readonly string[]> {
    const { team, workflowId } = routed.declaration;
    if (!(await send(foldIntoStorm(routed, this.config(), this.recentUnpaged.take(team)), 'start'))) return [];
    this.membership.addMember(team, workflowId);
    this.knownRuns.forget(workflowId);
    this.counts.joinedStorm += 1;
    return [stormWorkflowIdFor(team)];
  }

  /** The storm gets all of it; the group's own workflow, which may run as well, gets the resolved alerts. */
  private async signalStormAndOwn(
    routed: RoutedAlerts,
    send: SendToWorkflow,
  ): Promise<{ storm: boolean; delivered: readonly string[] }> {
    const { team, workflowId } = routed.declaration;
    const resolved = routed.alerts.filter((alert) => !isFiring(alert));
    const [storm, own] = await Promise.all([
      this.signalStorm(routed, send),
      resolved.length > 0 && this.signalOwnIncident({ ...routed, alerts: resolved }, send),
    ]);
    return { storm, delivered: [...(own ? [workflowId] : []), ...(storm ? [stormWorkflowIdFor(team)] : [])] };
  }

  /** Nothing fires: every run that may have these alerts gets them, and nobody is paged. */
  private async deliverResolved(routed: RoutedAlerts, send: SendToWorkflow): Promise<readonly string[]> {
    const { team, workflowId } = routed.declaration;
    if (this.membership.isMember(team, workflowId)) return (await this.signalStormAndOwn(routed, send)).delivered;
    if (await this.signalOwnIncident(routed, send)) return [workflowId];
    // Another server may have added the group just now.
    const storm = this.membership.isOpen(team) && (await this.signalStorm(routed, send));
    return storm ? [stormWorkflowIdFor(team)] : [];
  }
}

const steadyNow = (): number => performance.now();
