/**
 * How a server learns in the background about the others: it asks Temporal every ten seconds for storms and runs, and
 * announces itself in the records, which count the servers. No alert ever waits for it; if something cannot be read,
 * the last state stays.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { stormWorkflowIdFor } from '../../../config/routing.ts';
import type { Records } from '../../../records/open-records.ts';
import { INCIDENT_WORKFLOW, STORM_MEMBERS_QUERY } from '../../../workflows/contract.ts';
import type { Circuit } from '../../delivery/circuit-breaker.ts';
import { MAX_KNOWN_RUNS, type KnownRuns, type StormMembership } from './storm-memory.ts';

export interface StormPollerParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly membership: StormMembership;
  readonly knownRuns: KnownRuns;
  /** Teams with a limit of new incidents; none: nothing is polled. */
  readonly teams: () => Iterable<string>;
  /** The clock of `membership` and `knownRuns`. */
  readonly now: () => number;
}

const POLL_EVERY_MS = 10_000;
/** The delay after a failed poll: no worker answers yet. */
const POLL_AGAIN_MS = 2000;
const CALL_MS = 2500;
const LIST_MS = 10_000;
const PAGE_SIZE = 1000;
/** How often the full list of runs is read, to forget those that ended; in between only new ones are listed. */
const FULL_LIST_EVERY_MS = 600_000;
/** A run appears in the list a little after its start, by a clock other than ours. */
const OVERLAP_MS = 60_000;

/** Starts polling at once. */
export class StormPoller {
  private readonly parts: StormPollerParts;
  /** The history length of each storm when its members were last read. */
  private readonly lastRead = new Map<string, string>();
  private listedAt = -Infinity;
  private fullListAt = -Infinity;
  private ended = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(parts: StormPollerParts) {
    this.parts = parts;
    void this.pollForever();
  }

  close(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private async pollForever(): Promise<void> {
    await this.parts.circuitBreaker.firstProbe;
    const isDone = await this.pollOnce().catch(() => false);
    if (this.ended) return;
    this.timer = setTimeout(() => void this.pollForever(), isDone ? POLL_EVERY_MS : POLL_AGAIN_MS);
    this.timer.unref();
  }

  /** False when something could not be read. */
  private async pollOnce(): Promise<boolean> {
    const teams = [...this.parts.teams()];
    if (teams.length === 0 || !this.parts.circuitBreaker.allowsCalls()) return true;
    const results = await Promise.allSettled([this.listRuns(), this.pollStorms(teams)]);
    return results.every(({ status }) => status === 'fulfilled');
  }

  /** One after another: a poll is never urgent. */
  private async pollStorms(teams: readonly string[]): Promise<void> {
    let failure: unknown = null;
    for (const team of teams) {
      if (this.ended) return;
      await this.pollStorm(team).catch((err: unknown) => (failure = err));
    }
    if (failure !== null) throw new Error('a storm did not answer', { cause: failure });
  }

  private async pollStorm(team: string): Promise<void> {
    const { client, circuitBreaker, membership, now } = this.parts;
    const handle = client.workflow.getHandle(stormWorkflowIdFor(team));
    const polledAt = now();
    try {
      const { status, runId, historyLength } = await circuitBreaker.callWithin(CALL_MS, () => handle.describe());
      if (status.name !== 'RUNNING') return membership.setMembers(team, null, polledAt);
      const historyPosition = `${runId}/${historyLength}`;
      if (membership.isOpen(team) && this.lastRead.get(team) === historyPosition) return;
      const members = circuitBreaker.callWithin(CALL_MS, () => handle.query<readonly string[]>(STORM_MEMBERS_QUERY));
      members.catch(() => membership.stormRuns(team));
      membership.setMembers(team, await members, polledAt);
      this.lastRead.set(team, historyPosition);
    } catch (err) {
      if (!(err instanceof WorkflowNotFoundError)) throw err;
      membership.setMembers(team, null, polledAt);
    }
  }

  private async listRuns(): Promise<void> {
    const { knownRuns, now } = this.parts;
    const startedAt = now();
    const isFullList = startedAt - this.fullListAt >= FULL_LIST_EVERY_MS;
    const since = new Date(Date.now() - (startedAt - this.listedAt) - OVERLAP_MS);
    const runs = await this.allRuns(isFullList ? '' : ` AND StartTime >= '${since.toISOString()}'`);
    if (isFullList) knownRuns.replaceAll(runs, startedAt);
    else knownRuns.addListed(runs);
    this.listedAt = startedAt;
    if (isFullList) this.fullListAt = startedAt;
  }

  /** One more than can be remembered, so that `knownRuns` notices an incomplete list. */
  private allRuns(condition: string): Promise<readonly string[]> {
    const query = `WorkflowType = '${INCIDENT_WORKFLOW}' AND ExecutionStatus = 'Running'${condition}`;
    return this.parts.circuitBreaker.callWithin(LIST_MS, async () => {
      const found: string[] = [];
      for await (const { workflowId } of this.parts.client.workflow.list({ query, pageSize: PAGE_SIZE })) {
        found.push(workflowId);
        if (this.ended || found.length > MAX_KNOWN_RUNS) break;
      }
      return found;
    });
  }
}

const ANNOUNCE_EVERY_MS = 5000;
/** After this long without a count another server may have come. */
const COUNT_IS_FRESH_MS = 15_000;
/** Every server that can reach the records has been counted by then. */
const ALONE_AFTER_MS = 60_000;
/** Until the first count: the records may still be starting. */
const FIRST_ANNOUNCE_EVERY_MS = 1000;

/**
 * How many webhook servers share the limits, at least 1: each announces itself in the records and gets the count in
 * return. While the records are down the last count stays in force.
 */
export class ServerCount {
  private readonly records: Pick<Records, 'registerServer' | 'state'>;
  private readonly server: string;
  /** The last count; 1 until there is one. */
  count = 1;
  private countedAt = -Infinity;
  /** Since when every count was 1. */
  private aloneSince = Infinity;
  private readonly now: () => number;
  private ended = false;
  private timer: NodeJS.Timeout | undefined;

  /** `server`: this server's name, the same after a restart. `now`: a monotonic clock. Starts announcing at once. */
  constructor(
    records: Pick<Records, 'registerServer' | 'state'>,
    server: string,
    now = (): number => performance.now(),
  ) {
    this.records = records;
    this.now = now;
    this.server = server;
    void this.announceForever();
  }

  /** This server knows that it has been the only one for a minute. */
  isAlone(): boolean {
    const at = this.now();
    return at - this.countedAt <= COUNT_IS_FRESH_MS && at - this.aloneSince >= ALONE_AFTER_MS;
  }

  close(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private noteAlone(): void {
    const at = this.now();
    const wasFresh = at - this.countedAt <= COUNT_IS_FRESH_MS;
    if (this.count > 1) this.aloneSince = Infinity;
    else if (!wasFresh || this.aloneSince === Infinity) this.aloneSince = at;
    this.countedAt = at;
  }

  private async announceForever(): Promise<void> {
    try {
      if (this.records.state() === 'up') {
        this.count = await this.records.registerServer(this.server);
        this.noteAlone();
      }
    } catch {
      // The records are down: keep the last count.
    }
    if (this.ended) return;
    const nextMs = this.countedAt > -Infinity ? ANNOUNCE_EVERY_MS : FIRST_ANNOUNCE_EVERY_MS;
    this.timer = setTimeout(() => void this.announceForever(), nextMs);
    this.timer.unref();
  }
}
