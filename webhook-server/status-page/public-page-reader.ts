/**
 * Reads the public page for visitors: a crowd costs one query, a hanging database delays nobody for more than a second,
 * and when it is down visitors get the last good copy.
 */
import { readFile, stat, utimes } from 'node:fs/promises';
import { z } from 'zod';
import { COMPONENT_STATES, PUBLIC_IMPACTS } from '../../domain/communications/public-state.ts';
import { PUBLIC_STATES } from '../../domain/kernel/commands.ts';
import { rewriteFileAtomically } from '../../runtime/files.ts';
import type { AppDeps } from '../dependencies.ts';
import { publicPage, type PublicPageContents, type PublicEntries, type PublicPage } from './public-page.ts';

const FRESH_MS = 2000;
const TIMEOUT_MS = 1000;
/** A read that has not ended by then never will: another may begin. */
const ABANDONED_AFTER_MS = 15_000;
/** How long a resolved incident stays on the page. */
const SHOWN_MS = 7 * 24 * 3_600_000;

export interface ShownPublicPage extends DatedPublicPage {
  /** The records could not be read: this is the last known state. */
  readonly isStale: boolean;
}

interface PublicPageReaderDeps {
  readonly entries: PublicEntries;
  /** Called on each reading, so that a reload takes effect at once. */
  readonly contents: () => PublicPageContents;
  readonly lastGood: LastGoodPage;
  readonly log: Pick<AppDeps['log'], 'warn'>;
  readonly now?: () => number;
}

/** Resolves within about a second; null when there are neither records nor a copy. Never throws. */
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
    // A slow disk delays neither visitors nor the next reading.
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
    // Visitors who arrive during a reading wait for it, but no longer than the first.
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

/** How often an unchanged page is confirmed in the copy. */
const TOUCH_EVERY_MS = 30_000;

/** Unknown fields are dropped: a copy by another version shows no more than this one would. */
const copy = z.object({
  page: z.string(),
  state: z.enum(COMPONENT_STATES),
  components: z.array(z.object({ name: z.string(), state: z.enum(COMPONENT_STATES) })),
  incidents: z.array(
    z.object({
      title: z.string(),
      state: z.enum(PUBLIC_STATES),
      impact: z.enum(PUBLIC_IMPACTS),
      nextUpdateAt: z.iso.datetime().nullable(),
      updates: z.array(z.object({ at: z.iso.datetime(), state: z.enum(PUBLIC_STATES), text: z.string() })),
    }),
  ),
}) satisfies z.ZodType<PublicPage>;

/** A page, and when it was true (epoch ms). */
interface DatedPublicPage {
  readonly page: PublicPage;
  readonly asOf: number;
}

interface LastGoodPage {
  /** Null when there is no readable one. Never throws. */
  load(): Promise<DatedPublicPage | null>;
  /** Throws the disk's error. */
  save(dated: DatedPublicPage): Promise<void>;
}

export function lastGoodPageFile(file: string): LastGoodPage {
  let saved: { readonly text: string; readonly asOf: number } | null = null;
  return {
    load: async () => {
      try {
        const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
        return { page: copy.parse(JSON.parse(text)), asOf: Math.floor(mtimeMs) };
      } catch {
        return null; // Missing or torn: there is no good copy.
      }
    },
    save: async ({ page, asOf }) => {
      const text = `${JSON.stringify(page, null, 2)}\n`;
      const isNew = text !== saved?.text;
      if (!isNew && asOf - (saved?.asOf ?? 0) < TOUCH_EVERY_MS) return;
      if (isNew) await rewriteFileAtomically(file, text, 0o644);
      await utimes(file, asOf / 1000, asOf / 1000);
      saved = { text, asOf };
    },
  };
}
