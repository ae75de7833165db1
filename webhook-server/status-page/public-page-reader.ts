/**
 * The public page as visitors get it: a crowd costs one query, a hanging database holds nobody for more than a second,
 * and when it is down there is the last good copy.
 */
import type { AppDeps } from '../dependencies.ts';
import type { DatedPublicPage, LastGoodPage } from './last-good-page.ts';
import { publicPage, type PublicPageContents, type PublicEntries } from './public-page.ts';

const FRESH_MS = 2000;
const TIMEOUT_MS = 1000;
/** A read that has not ended by then never will: the next may begin. */
const ABANDONED_AFTER_MS = 15_000;
/** How long a resolved incident stays on the page. */
const SHOWN_MS = 7 * 24 * 3_600_000;

export interface ShownPublicPage extends DatedPublicPage {
  /** The records could not be read: this is how it was. */
  readonly isStale: boolean;
}

interface PublicPageReaderDeps {
  readonly entries: PublicEntries;
  /** Asked on each reading, so that a reload takes effect at once. */
  readonly contents: () => PublicPageContents;
  readonly lastGood: LastGoodPage;
  readonly log: Pick<AppDeps['log'], 'warn'>;
  readonly now?: () => number;
}

/** Resolves within about a second; null when nothing is known: no records, and no copy. Never throws. */
export type PublicPageReader = () => Promise<ShownPublicPage | null>;

export function createPublicPageReader({
  entries,
  contents,
  lastGood,
  log,
  now = Date.now,
}: PublicPageReaderDeps): PublicPageReader {
  let latest: DatedPublicPage | null = null;
  let reading: { readonly since: number; done: Promise<void> | null } = { since: -Infinity, done: null };
  let loading: Promise<DatedPublicPage | null> | null = null;
  let saving = false;

  const save = async (dated: DatedPublicPage): Promise<void> => {
    // A slow disk holds up neither visitors nor the next reading.
    if (saving) return;
    saving = true;
    await lastGood.save(dated).catch((err: unknown) => log.warn({ err }, 'the copy of the public page was not kept'));
    saving = false;
  };
  const read = async (asOf: number): Promise<void> => {
    try {
      const page = publicPage(contents(), await entries.read(asOf - SHOWN_MS));
      if (latest !== null && latest.asOf > asOf) return;
      latest = { page, asOf };
      void save(latest);
    } catch (err) {
      log.warn({ err }, 'the public page cannot be read from the records');
    }
  };
  const startReading = (since: number): void => {
    const mine: typeof reading = { since, done: null };
    mine.done = read(since).finally(() => (mine.done = null));
    reading = mine;
  };

  return async () => {
    const at = now();
    if (at - reading.since >= (reading.done ? ABANDONED_AFTER_MS : FRESH_MS)) startReading(at);
    // Whoever comes while it is being read waits for it, but for no longer than the first.
    if (reading.done) await within(TIMEOUT_MS - (at - reading.since), reading.done);
    const shown = latest ?? (await (loading ??= lastGood.load()));
    return shown && { ...shown, isStale: now() - shown.asOf > FRESH_MS + TIMEOUT_MS };
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  if (ms <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
