/**
 * Acknowledgements given while Temporal is away: kept in the spool, and told once the alerts of their incident are. No
 * other command is kept: a person is there to be told that it did not work.
 */
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import type { Command } from '../../domain/commands.ts';
import type { FallbackPaging } from '../fallback-paging/fallback-paging.ts';
import { Refused, Unavailable, UnknownIncident } from '../gateway.ts';
import type { CommandEntry, Spool } from '../spool/spool.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import { within } from './deadline.ts';

export type SendCommand = (workflowId: string, command: Command) => Promise<CommandAnswer | 'pending'>;

export interface KeptCommands {
  /** As `SendCommand`, but an acknowledgement that finds no Temporal, or no incident yet, is kept: `pending`. */
  readonly send: SendCommand;
  /** Tells Temporal what was kept. Never rejects: what could not be told stays. */
  readonly tell: (entry: CommandEntry) => Promise<void>;
}

export interface KeptParts {
  readonly send: SendCommand;
  readonly isAway: () => boolean;
  readonly spool: Pick<Spool, 'appendCommand'>;
  readonly fallbackPaging: Pick<FallbackPaging, 'acknowledged' | 'acknowledgementTold' | 'known'>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Called when something was kept. */
  readonly onKept: () => void;
  readonly now: () => number;
}

const DISK_MS = 1500;
const KEPT_AT_MOST = 10_000;
/** The alerts may be in another server's spool, which is replayed at its own pace. */
const OTHERS_MAY_COME_MS = 60_000;

export function createKeptCommands(parts: KeptParts): KeptCommands {
  const { send, isAway, spool, fallbackPaging, log, onKept, now } = parts;
  /** Request id → when it was first refused. */
  const refusedSince = new Map<string, number>();
  /** What this process has kept and not told yet: the same tap twice is one line on the disk. */
  const waiting = new Set<string>();

  async function keep(workflowId: string, said: Command): Promise<'pending'> {
    const command = { ...said, requestId: said.requestId ?? ulid() };
    const name = `${workflowId} ${command.requestId}`;
    if (waiting.has(name)) return 'pending';
    if (waiting.size >= KEPT_AT_MOST) throw new Unavailable(`${said.type} was not taken: too many wait already`);
    try {
      await within(DISK_MS, spool.appendCommand({ workflowId, command }));
    } catch (err) {
      log.error({ err, workflowId }, 'an acknowledgement is neither with Temporal nor on the disk');
      throw new Unavailable(`${said.type} was not taken: neither Temporal nor the disk answered`);
    }
    waiting.add(name);
    log.warn({ workflowId, by: said.by }, 'acknowledged while Temporal is away: kept');
    fallbackPaging.acknowledged(workflowId);
    onKept();
    return 'pending';
  }

  /** Temporal is away, or has not been told of the alerts yet. */
  function mayBeKept(err: unknown, workflowId: string): boolean {
    if (err instanceof Unavailable) return isAway();
    return (err instanceof UnknownIncident || err instanceof Refused) && fallbackPaging.known(workflowId) !== null;
  }

  async function tell(entry: CommandEntry): Promise<void> {
    const { workflowId, command } = entry;
    try {
      await send(workflowId, command);
    } catch (err) {
      if (!(err instanceof UnknownIncident || err instanceof Refused)) throw err;
      const since = refusedSince.get(command.requestId) ?? now();
      refusedSince.set(command.requestId, since);
      if (now() - since < OTHERS_MAY_COME_MS) return;
      log.warn({ workflowId, by: command.by, reason: err.message }, 'a kept acknowledgement is refused');
    }
    refusedSince.delete(command.requestId);
    waiting.delete(`${workflowId} ${command.requestId}`);
    await entry.done();
    fallbackPaging.acknowledgementTold(workflowId);
  }

  return {
    async send(workflowId, command) {
      if (command.type !== 'acknowledge') return send(workflowId, command);
      if (isAway()) return keep(workflowId, command);
      try {
        return await send(workflowId, command);
      } catch (err) {
        if (mayBeKept(err, workflowId)) return keep(workflowId, command);
        throw err;
      }
    },
    async tell(entry) {
      try {
        await tell(entry);
      } catch (err) {
        if (!(err instanceof Unavailable)) log.error({ err }, 'a kept acknowledgement could not be told; trying again');
      }
    },
  };
}
