/**
 * What passes between the first stages: every source turns a webhook body into messages, their alerts cleaned but not yet
 * routed. A new source is one file that makes these and one line in `index.ts`.
 */
import type { z } from 'zod';
import type { AlertLinks } from '../../../domain/kernel/alert.ts';
import type { Problem } from '../../../domain/kernel/commands.ts';
import type { Labels } from './sanitize.ts';

/** What a stage passes on, and why it passes on no more. */
export interface Staged<Kept> {
  readonly kept: Kept;
  readonly dropped: readonly Dropped[];
}

export interface Dropped {
  /** How many alerts. */
  readonly count: number;
  /** Short plain English: `severity "none"`. */
  readonly reason: string;
  /** Which one, where it was read. */
  readonly alert?: RawAlert;
  /** What became of them; `ignored` unless given. */
  readonly how?: 'ignored' | 'malformed' | 'suppressed' | 'moved to a storm';
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
  /** Alerts the sender says it left out, and those that are malformed: nothing is known of either. */
  readonly truncated: number;
  /** The sender's own test button. */
  readonly test: boolean;
  /** It resolves alerts without their labels, so no route can tell the team: every incident of the group hears it. */
  readonly resolvesWithoutLabels?: true;
}

export interface ParsedBody {
  readonly messages: readonly SourceMessage[];
  readonly dropped?: readonly Dropped[];
}

/** Reads one body. A 400 is only for what can never be read; odd content is repaired. */
export type ParseBody = (body: unknown, receivedAt: number) => ParsedBody | { readonly problems: readonly Problem[] };

export const TITLE_LIMIT = 200;
export const SUMMARY_LIMIT = 2000;
export const NO_TITLE = 'Unnamed alert';

/** Enough to see what is wrong with a body of ten thousand alerts. */
const PROBLEMS_SHOWN = 20;

/** Zod's findings as the `problems` of an answer: where, in dotted form, and what. Never the value itself. */
export function problemsOfZodError(error: z.ZodError): readonly Problem[] {
  return error.issues
    .slice(0, PROBLEMS_SHOWN)
    .map(({ path, message }) => ({ at: path.map(String).join('.'), message }));
}
