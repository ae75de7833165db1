/** One line of notifications: its acts one after the other, up to the first that a vendor does not take for now. */
import { log } from '@temporalio/activity';
import type { Delivery } from '../domain/incident.ts';
import { DeliveryError, isRefused } from './failures.ts';
import type { Refs } from './ports.ts';
import type { TellLine } from './types.ts';

/** What a call has done so far: kept by heartbeat, so that its next attempt goes on from there. */
export interface Progress {
  /** Numbers of the orders that are delivered, or given up. */
  readonly done: readonly number[];
  readonly deliveries: readonly Delivery[];
  readonly refs: Refs;
  /** Orders among `done` that a vendor will never take, and why. */
  readonly refused: readonly { readonly line: TellLine; readonly reason: string }[];
  /** Stakeholder updates in the words in which they went out, of orders among `done`. */
  readonly stakeholderUpdates?: readonly { readonly n: number; readonly text: string }[];
}

/** Order `n` of a line, and how it is told. */
export interface Act {
  readonly n: number;
  readonly tell: () => Promise<void>;
}

export interface LineOutcome {
  readonly line: TellLine;
  /** What holds the line up, and how long the vendor wants to be left alone. */
  readonly trouble: { readonly reason: string; readonly retryAfterMs: number | null } | null;
  /** Why orders were given up: a vendor will never take them. */
  readonly refused: readonly string[];
}

/** Tells the line's acts in order; adds each to `done`. Never rejects. */
export async function tellLine(line: TellLine, acts: readonly Act[], done: Set<number>): Promise<LineOutcome> {
  const refused: string[] = [];
  for (const { n, tell } of acts) {
    if (done.has(n)) continue;
    try {
      await tell();
    } catch (err) {
      const trouble = troubleOf(line, err);
      if (!isRefused(err)) return { line, trouble, refused };
      refused.push(trouble.reason);
    }
    // An act without a number comes after the orders, and is made in every call.
    if (n > 0) done.add(n);
  }
  return { line, trouble: null, refused };
}

/** `act` as the outcome of a line. Never rejects. */
export async function orTrouble(line: TellLine, act: Promise<unknown>): Promise<LineOutcome> {
  return act.then(
    () => ({ line, trouble: null, refused: [] }),
    (err: unknown) => ({ line, trouble: troubleOf(line, err), refused: [] }),
  );
}

/** `act`, or undefined when it takes longer than `withinMs`. */
export async function inTime<T>(act: Promise<T>, withinMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((give) => {
    timer = setTimeout(give, withinMs, undefined);
  });
  try {
    return await Promise.race([act, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A vendor may name tomorrow; whether it is well again is worth a look before. */
const LONGEST_WAIT_MS = 2 * 60_000;

/** Only what our own errors say goes into the record: anybody else's words may hold addresses, and secrets. */
export function troubleOf(line: TellLine, err: unknown): { reason: string; retryAfterMs: number | null } {
  if (err instanceof DeliveryError) {
    const { message, retryAfterMs } = err;
    return { reason: message, retryAfterMs: retryAfterMs === null ? null : Math.min(retryAfterMs, LONGEST_WAIT_MS) };
  }
  log.warn(`${line} could not be told`, { error: err });
  return { reason: `${line}: ${err instanceof Error ? err.name : 'failed'}`, retryAfterMs: null };
}
