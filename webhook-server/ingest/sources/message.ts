/**
 * What the first stages exchange: every source turns a webhook body into messages whose alerts are cleaned but not yet
 * routed. A new source is one file that produces these and one line in `index.ts`.
 */
import type { z } from 'zod';
import type { AlertLinks } from '../../../domain/kernel/alert.ts';
import type { Problem } from '../../../domain/kernel/commands.ts';
import type { Labels } from './sanitize.ts';

/** What a stage passes on, and why it drops the rest. */
export interface Staged<Kept> {
  readonly kept: Kept;
  readonly dropped: readonly Dropped[];
}

export interface Dropped {
  /** The number of alerts. */
  readonly count: number;
  /** Short plain English: `severity "none"`. */
  readonly reason: string;
  /** The alert's name, where it was read. */
  readonly alert?: RawAlert;
  /** What became of them; `ignored` unless given. */
  readonly how?: 'ignored' | 'malformed' | 'suppressed' | 'moved to a storm' | 'sent to the incident that has it';
}

/** One entry for each reason, without the alerts. */
export function dropsByReason(dropped: readonly Dropped[]): readonly Dropped[] {
  const byReason = new Map<string, Dropped>();
  for (const { alert: _alert, ...drop } of dropped) {
    const count = drop.count + (byReason.get(drop.reason)?.count ?? 0);
    byReason.set(drop.reason, { ...drop, count });
  }
  return [...byReason.values()];
}

/** `3 alerts ignored (severity "none")`, `skipped 2 malformed alerts`. */
export function dropText({ count, reason, how = 'ignored' }: Dropped): string {
  const alerts = count === 1 ? 'alert' : 'alerts';
  return how === 'malformed' ? `skipped ${count} malformed ${alerts}` : `${count} ${alerts} ${how} (${reason})`;
}

export interface RawAlert {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  /** Epoch ms. */
  readonly startsAt: number;
  readonly startGuessed: boolean;
  /** The start that was sent, where that was ahead of our clock. */
  readonly sentStartsAt?: number;
  readonly endsAt: number | null;
  /** Resolved only because its data has disappeared. */
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
  readonly summary: string | null;
  readonly alerts: readonly RawAlert[];
  /** The sender's group, as a short hash; absent: the sender does not group. */
  readonly messageGroup?: string;
  /** Fingerprints of all alerts of a message that is whole; absent: it is not, or it lists very many. */
  readonly listed?: readonly string[];
  /** Alerts that the sender left out, and malformed ones: nothing is known about either. */
  readonly truncated: number;
  /** The sender's own test button. */
  readonly test: boolean;
  /** It resolves alerts without their labels, so no route can find the team: every incident of the group gets it. */
  readonly resolvesWithoutLabels?: true;
}

export interface ParsedBody {
  readonly messages: readonly SourceMessage[];
  readonly dropped?: readonly Dropped[];
}

/** Reads one body. A 400 is only for a body that can never be read; odd content is repaired. */
export type ParseBody = (body: unknown, receivedAt: number) => ParsedBody | { readonly problems: readonly Problem[] };

export const TITLE_LIMIT = 200;
export const SUMMARY_LIMIT = 2000;
export const NO_TITLE = 'Unnamed alert';

/** Enough to see what is wrong with a body of ten thousand alerts. */
const PROBLEMS_SHOWN = 20;

/** Zod's issues as the `problems` of a response: a dotted path and a message, never the value itself. */
export function problemsOfZodError(error: z.ZodError): readonly Problem[] {
  return error.issues
    .slice(0, PROBLEMS_SHOWN)
    .map(({ path, message }) => ({ at: path.map(String).join('.'), message }));
}
