/**
 * What the process and its parsing thread say to each other. One message at a time; each piece is asked for, since a
 * port hands over everything that has arrived in one go, however long that takes.
 */
import type { Config } from '../../../config/config.ts';
import type { Problem } from '../../../domain/kernel/commands.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import type { MessageExtras, ReceivedBody } from './parse-message.ts';

/** The policy stays behind: the process has it already, once for all openings of a team. */
export type RoutedAlertsWithoutPolicy = Omit<RoutedAlerts, 'declaration'> & {
  readonly declaration: Omit<Declaration, 'policy'>;
};

/** `config` null: the same as before. */
export type ParseRequest =
  | { readonly id: number; readonly read: ReceivedBody; readonly config: Config | null }
  | { readonly id: number; readonly next: true };

export type ParseResponse = { readonly id: number } & (
  | { readonly piece: readonly RoutedAlertsWithoutPolicy[]; readonly last: boolean; readonly extras?: MessageExtras }
  | { readonly refused: RefusedMessageReply }
  | { readonly failed: string }
);

/** An `HttpProblem`, in words that survive the way. */
export interface RefusedMessageReply {
  readonly status: number;
  readonly detail: string;
  readonly reason: string | null;
  readonly problems: readonly Problem[];
}
