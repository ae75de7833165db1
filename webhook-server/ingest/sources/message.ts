/**
 * What every source turns a webhook body into: messages, their alerts cleaned but not yet routed. A new source is one
 * file that makes these and one line in `index.ts`.
 */
import type { AlertLinks } from '../../../domain/kernel/alert.ts';
import type { Problem } from '../../../domain/kernel/commands.ts';
import type { Labels } from './sanitize.ts';

export interface RawAlert {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  /** Epoch ms. */
  readonly startsAt: number;
  readonly startGuessed: boolean;
  readonly endsAt: number | null;
  /** Resolved only because there is nothing left to measure. */
  readonly vanished?: true;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly links: AlertLinks;
  /** One line, at most `TITLE_LIMIT`. */
  readonly title: string;
}

export interface SourceMessage {
  /** The sender's own name for the group; null when it gave none that is a string. */
  readonly groupKey: string | null;
  readonly groupLabels: Labels;
  /** What the sender says about all alerts together; null: ask the worst alert. */
  readonly title: string | null;
  readonly summary: string | null;
  readonly alerts: readonly RawAlert[];
  /** Alerts the sender says it left out, and those it sent that cannot be read: nothing is known of either. */
  readonly truncated: number;
  /** The sender's own test button. */
  readonly test: boolean;
  /** It ends alerts without their labels, so no route knows whose they are: whoever has its group hears it. */
  readonly resolvesWithoutLabels?: true;
}

/** What a body says. */
export interface ParsedBody {
  readonly messages: readonly SourceMessage[];
  /** Alerts of which nothing follows: a rule that is paused, or does not fire yet. Absent: none. */
  readonly ignored?: number;
  /** Entries among the alerts that are no alerts. Absent: none. */
  readonly unreadable?: number;
}

/** Reads one body. A 400 is only for what can never be read; odd content is repaired. */
export type ParseBody = (body: unknown, receivedAt: number) => ParsedBody | { readonly problems: readonly Problem[] };

export const TITLE_LIMIT = 200;
export const SUMMARY_LIMIT = 2000;
export const NO_TITLE = 'Unnamed alert';
