/**
 * The public page as visitors get it: a crowd costs one query, a hanging database holds nobody for more than a second,
 * and when it is down there is the last good copy.
 */
import type { AppDeps } from '../deps.ts';
import type { Dated, LastGood } from './last-good.ts';
import { publicPage, type PageSubject, type PublicEntries } from './page.ts';

const FRESH_MS = 2000;
const TIMEOUT_MS = 1000;
/** A read that has not ended by then never will: the next may begin. */
const GIVEN_UP_MS = 15_000;
/** How long a resolved incident stays on the page. */
const SHOWN_MS = 7 * 24 * 3_600_000;

export interface Shown extends Dated {
  /** The records could not be read: this is how it was. */
  readonly isStale: boolean;
}

interface BoardDeps {
  readonly entries: PublicEntries;
  /** Asked on each reading, so that a reload takes effect at once. */
  readonly subject: () => PageSubject;
  readonly lastGood: LastGood;
  readonly log: Pick<AppDeps['log'], 'warn'>;
  readonly now?: () => number;
}

/** Resolves within about a second; null when nothing is known: no records, and no copy. Never throws. */
export type Board = () => Promise<Shown | null>;

export function createBoard({ entries, subject, lastGood, log, now = Date.now }: BoardDeps): Board {
  let good: Dated | null = null;
  let reading: { readonly since: number; done: Promise<void> | null } = { since: -Infinity, done: null };
  let loading: Promise<Dated | null> | null = null;
  let keeping = false;

  const keep = async (dated: Dated): Promise<void> => {
    // A slow disk holds up neither visitors nor the next reading.
    if (keeping) return;
    keeping = true;
    await lastGood.keep(dated).catch((err: unknown) => log.warn({ err }, 'the copy of the public page was not kept'));
    keeping = false;
  };
  const read = async (asOf: number): Promise<void> => {
    try {
      const page = publicPage(subject(), await entries.read(asOf - SHOWN_MS));
      if (good !== null && good.asOf > asOf) return;
      good = { page, asOf };
      void keep(good);
    } catch (err) {
      log.warn({ err }, 'the public page cannot be read from the records');
    }
  };
  const begin = (since: number): void => {
    const mine: typeof reading = { since, done: null };
    mine.done = read(since).finally(() => (mine.done = null));
    reading = mine;
  };

  return async () => {
    const at = now();
    if (at - reading.since >= (reading.done ? GIVEN_UP_MS : FRESH_MS)) begin(at);
    // Whoever comes while it is being read waits for it, but for no longer than the first.
    if (reading.done) await within(TIMEOUT_MS - (at - reading.since), reading.done);
    const shown = good ?? (await (loading ??= lastGood.load()));
    return shown && { ...shown, isStale: now() - shown.asOf > FRESH_MS + TIMEOUT_MS };
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  if (ms <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
