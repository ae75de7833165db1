/**
 * Acknowledgements given while Temporal is down: kept in the spool, and sent after the alerts of their incident. No
 * other command is kept: its sender is there to see that it failed.
 */
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { Command } from '../../domain/kernel/commands.ts';
import type { FallbackPaging } from '../delivery/fallback-paging/fallback-paging.ts';
import { CommandRefused } from './send-command.ts';
import { IncidentsUnavailable, UnknownIncident } from './incident-queries.ts';
import type { SpooledCommand, Spool } from '../delivery/spool/spool.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import { withTimeout } from '../delivery/circuit-breaker.ts';

type SendCommand = (workflowId: string, command: Command) => Promise<CommandAnswer | 'pending'>;

export interface KeptCommandsParts {
  readonly send: SendCommand;
  readonly isTemporalDown: () => boolean;
  readonly spool: Pick<Spool, 'appendCommand'>;
  readonly fallbackPaging: Pick<FallbackPaging, 'acknowledged' | 'acknowledgementDelivered' | 'pendingGroup'>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Called when an acknowledgement was kept. */
  readonly onKept: () => void;
  readonly now: () => number;
}

const DISK_MS = 1500;
const KEPT_AT_MOST = 10_000;
/** The alerts may be in the spool of another server, which replays it independently. */
const OTHER_SERVERS_REPLAY_MS = 60_000;

export class KeptCommands {
  private readonly parts: KeptCommandsParts;
  /** Request id → when it was first refused. */
  private readonly firstRefusedAt = new Map<string, number>();
  /** Kept by this process and not sent yet: the same tap twice is one line on the disk. */
  private readonly pending = new Set<string>();

  constructor(parts: KeptCommandsParts) {
    this.parts = parts;
  }

  /** Sends it, or keeps it when Temporal is down or has no such incident yet: `pending`. */
  async acknowledge(workflowId: string, command: Command): ReturnType<SendCommand> {
    if (this.parts.isTemporalDown()) return this.keep(workflowId, command);
    try {
      return await this.parts.send(workflowId, command);
    } catch (err) {
      if (this.mayBeKept(err, workflowId)) return this.keep(workflowId, command);
      throw err;
    }
  }

  /** Sends a kept acknowledgement to Temporal. Never rejects: one that fails stays. */
  async deliver(entry: SpooledCommand): Promise<void> {
    try {
      await this.sendKept(entry);
    } catch (err) {
      if (!(err instanceof IncidentsUnavailable))
        this.parts.log.error({ err }, 'a kept acknowledgement could not be told; trying again');
    }
  }

  private async keep(workflowId: string, requested: Command): Promise<'pending'> {
    const { spool, fallbackPaging, log, onKept } = this.parts;
    const command = { ...requested, requestId: requested.requestId ?? ulid() };
    const name = `${workflowId} ${command.requestId}`;
    if (this.pending.has(name)) return 'pending';
    if (this.pending.size >= KEPT_AT_MOST)
      throw new IncidentsUnavailable(`${requested.type} was not taken: too many wait already`);
    try {
      await withTimeout(DISK_MS, spool.appendCommand({ workflowId, command }));
    } catch (err) {
      log.error({ err, workflowId }, 'an acknowledgement is neither with Temporal nor on the disk');
      throw new IncidentsUnavailable(`${requested.type} was not taken: neither Temporal nor the disk answered`);
    }
    this.pending.add(name);
    log.warn({ workflowId, by: requested.by }, 'acknowledged while Temporal is away: kept');
    fallbackPaging.acknowledged(workflowId);
    onKept();
    return 'pending';
  }

  /** Temporal is down, or does not have the alerts yet. */
  private mayBeKept(err: unknown, workflowId: string): boolean {
    if (err instanceof IncidentsUnavailable) return this.parts.isTemporalDown();
    const isUnknown = err instanceof UnknownIncident || err instanceof CommandRefused;
    return isUnknown && this.parts.fallbackPaging.pendingGroup(workflowId) !== null;
  }

  private async sendKept(entry: SpooledCommand): Promise<void> {
    const { send, now, log, fallbackPaging } = this.parts;
    const { workflowId, command } = entry;
    try {
      await send(workflowId, command);
    } catch (err) {
      if (!(err instanceof UnknownIncident || err instanceof CommandRefused)) throw err;
      const since = this.firstRefusedAt.get(command.requestId) ?? now();
      this.firstRefusedAt.set(command.requestId, since);
      if (now() - since < OTHER_SERVERS_REPLAY_MS) return;
      log.warn({ workflowId, by: command.by, reason: err.message }, 'a kept acknowledgement is refused');
    }
    this.firstRefusedAt.delete(command.requestId);
    this.pending.delete(`${workflowId} ${command.requestId}`);
    await entry.done();
    fallbackPaging.acknowledgementDelivered(workflowId);
  }
}
