/** What waits in the spool, and what can be asked of it. */
import type { Logger } from 'pino';
import type { Command } from '../../../domain/kernel/commands.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import type { SpooledDigest } from './replay-plan.ts';

/** Routed alerts that wait, still on the disk. */
export interface SpooledAlerts extends SpooledDigest {
  read(): Promise<RoutedAlerts>;
  /** Temporal has it, or nobody needs it: it never comes again. */
  done(): Promise<void>;
}

/** Somebody's word that he has an incident, until Temporal hears it. */
export interface KeptCommand {
  readonly workflowId: string;
  readonly command: Command & { readonly requestId: string };
}

export interface SpooledCommand extends KeptCommand {
  /** Temporal has heard it, or there is nobody to tell. */
  done(): Promise<void>;
}

export interface SpoolBacklog {
  readonly alerts: readonly SpooledAlerts[];
  readonly commands: readonly SpooledCommand[];
}

export interface Spool {
  /** Resolves after fsync. Rejects when the disk refuses, or the spool is full. */
  append(routed: RoutedAlerts): Promise<void>;
  /** As `append`, for what a person said. */
  appendCommand(kept: KeptCommand): Promise<void>;
  /** Keeps what can neither be told nor repeated, for a person to look at, in `rejected.jsonl`. */
  deadLetter(reason: string, content: unknown): Promise<void>;
  /** Everything that waits now. Later appends wait for the next call. `visit` sees those of each incident, whole. */
  backlog(visit?: (routed: RoutedAlerts) => void): Promise<SpoolBacklog>;
  /** Routed alerts, and commands, that wait. */
  pendingCount(): number;
  /** Torn and corrupt lines found since the start. */
  corruptCount(): number;
  /** Tries the disk, at most every `PROBE_EVERY_MS`. */
  writable(): Promise<boolean>;
  close(): Promise<void>;
}

export interface SpoolOptions {
  readonly directory: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** More than this is refused: the disk is shared with the state of everything else. */
  readonly maxBytes?: number;
}
