/**
 * What the process and its parsing thread say to each other. One message at a time; each piece is asked for, since a
 * port hands over everything that has arrived in one go, however long that takes.
 */
import type { Config } from '../../config/config.ts';
import type { Problem } from '../../domain/commands.ts';
import type { Opening } from '../../domain/opening.ts';
import type { RoutedAlerts } from '../gateway.ts';
import type { Aside, Sent } from './read-message.ts';

/** The policy stays behind: the process has it already, once for all openings of a team. */
export type LightRoutedAlerts = Omit<RoutedAlerts, 'opening'> & { readonly opening: Omit<Opening, 'policy'> };

/** `config` null: the same as before. */
export type ToThread =
  | { readonly id: number; readonly read: Sent; readonly config: Config | null }
  | { readonly id: number; readonly next: true };

export type FromThread = { readonly id: number } & (
  | { readonly piece: readonly LightRoutedAlerts[]; readonly last: boolean; readonly aside?: Aside }
  | { readonly refused: Refused }
  | { readonly failed: string }
);

/** An `HttpProblem`, in words that survive the way. */
export interface Refused {
  readonly status: number;
  readonly detail: string;
  readonly reason: string | null;
  readonly problems: readonly Problem[];
}
