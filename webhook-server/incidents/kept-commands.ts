/**
 * Acknowledgements given while Temporal is down: kept in the spool, and sent after the alerts of their incident. No
 * other command is kept: its sender is there to see that it failed.
 */
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { Command } from '../../domain/kernel/commands.ts';
import type { FallbackPaging } from '../delivery/fallback-paging/fallback-paging.ts';
import { CommandRefused, IncidentsUnavailable, UnknownIncident } from './gateway.ts';
import type { SpooledCommand, Spool } from '../delivery/spool/spool.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import { withTimeout } from '../delivery/circuit-breaker.ts';

export type SendCommand = (workflowId: string, command: Command) => Promise<CommandAnswer | 'pending'>;

export interface KeptCommands {
  /** As `SendCommand`, but keeps an acknowledgement when Temporal is down or has no such incident yet: `pending`. */
  readonly send: SendCommand;
  /** Sends kept acknowledgements to Temporal. Never rejects: those that fail stay. */
  readonly deliver: (entry: SpooledCommand) => Promise<void>;
}

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

export function createKeptCommands(parts: KeptCommandsParts): KeptCommands {
  const { send, isTemporalDown, spool, fallbackPaging, log, onKept, now } = parts;
  /** Request id → when it was first refused. */
  const firstRefusedAt = new Map<string, number>();
  /** Kept by this process and not sent yet: the same tap twice is one line on the disk. */
  const pending = new Set<string>();

  async function keep(workflowId: string, requested: Command): Promise<'pending'> {
    const command = { ...requested, requestId: requested.requestId ?? ulid() };
    const name = `${workflowId} ${command.requestId}`;
    if (pending.has(name)) return 'pending';
    if (pending.size >= KEPT_AT_MOST)
      throw new IncidentsUnavailable(`${requested.type} was not taken: too many wait already`);
    try {
      await withTimeout(DISK_MS, spool.appendCommand({ workflowId, command }));
    } catch (err) {
      log.error({ err, workflowId }, 'an acknowledgement is neither with Temporal nor on the disk');
      throw new IncidentsUnavailable(`${requested.type} was not taken: neither Temporal nor the disk answered`);
    }
    pending.add(name);
    log.warn({ workflowId, by: requested.by }, 'acknowledged while Temporal is away: kept');
    fallbackPaging.acknowledged(workflowId);
    onKept();
    return 'pending';
  }

  /** Temporal is down, or does not have the alerts yet. */
  function mayBeKept(err: unknown, workflowId: string): boolean {
    if (err instanceof IncidentsUnavailable) return isTemporalDown();
    return (
      (err instanceof UnknownIncident || err instanceof CommandRefused) &&
      fallbackPaging.pendingGroup(workflowId) !== null
    );
  }

  async function deliver(entry: SpooledCommand): Promise<void> {
    const { workflowId, command } = entry;
    try {
      await send(workflowId, command);
    } catch (err) {
      if (!(err instanceof UnknownIncident || err instanceof CommandRefused)) throw err;
      const since = firstRefusedAt.get(command.requestId) ?? now();
      firstRefusedAt.set(command.requestId, since);
      if (now() - since < OTHER_SERVERS_REPLAY_MS) return;
      log.warn({ workflowId, by: command.by, reason: err.message }, 'a kept acknowledgement is refused');
    }
    firstRefusedAt.delete(command.requestId);
    pending.delete(`${workflowId} ${command.requestId}`);
    await entry.done();
    fallbackPaging.acknowledgementDelivered(workflowId);
  }

  return {
    async send(workflowId, command) {
      if (command.type !== 'acknowledge') return send(workflowId, command);
      if (isTemporalDown()) return keep(workflowId, command);
      try {
        return await send(workflowId, command);
      } catch (err) {
        if (mayBeKept(err, workflowId)) return keep(workflowId, command);
        throw err;
      }
    },
    async deliver(entry) {
      try {
        await deliver(entry);
      } catch (err) {
        if (!(err instanceof IncidentsUnavailable))
          log.error({ err }, 'a kept acknowledgement could not be told; trying again');
      }
    },
  };
}
