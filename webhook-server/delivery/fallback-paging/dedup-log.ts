/**
 * What fallback paging has sent, in memory and in a file of checksummed lines beside the spool and under its lock. Each
 * write is fsynced; a torn or corrupt line is skipped, and its page then goes out again under the same key. A broken
 * disk stops no page: the lines wait in memory and are written with the next.
 *
 * A page is logged as intended before it is sent, so that after a crash it goes out again under the same key and about
 * the same alerts; and as accepted once a provider took it.
 */
import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { FallbackPage } from '../../../domain/kernel/alert.ts';
import { lineSpans, readChecksummedLine, toChecksummedLine } from '../spool/segment.ts';
import type { FiringId } from './firings.ts';

export type DedupLog = Awaited<ReturnType<typeof openDedupLog>>;

export interface DedupLogOptions {
  /** The spool's, and locked by it. */
  readonly directory: string;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly now?: () => number;
  /** Number of lines after which the file is rewritten without old ones. */
  readonly compactAfter?: number;
}

const NAME = 'paged.log';
/** A sender repeats a firing alert every few hours. */
const KEPT_MS = 7 * 86_400_000;
const COMPACT_AFTER = 20_000;
/** Bounds memory while the disk is broken for days. */
const MAX_PENDING = 10_000;

/** Never throws: when the file cannot be read, nothing is remembered. */
export async function openDedupLog(options: DedupLogOptions) {
  const { directory, log, now = Date.now, compactAfter = COMPACT_AFTER } = options;
  const path = join(directory, NAME);
  const sentPages = new SentPages();
  const found = await readLines(path).catch((err: unknown) => {
    log.error({ err, path }, 'the dedup log cannot be read: earlier pages are not remembered');
    return { lines: [], corrupt: 0, torn: true };
  });
  for (const line of found.lines) sentPages.apply(line);
  if (found.corrupt > 0) log.error({ corrupt: found.corrupt, path }, 'lines of the dedup log are torn or corrupt');

  let pending: Buffer[] = [];
  let written = found.lines.length;
  let file: FileHandle | null = null;
  /** The file may end with half a line. */
  let torn = found.torn;
  let turn: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    if (pending.length === 0) return;
    const lines = pending;
    pending = [];
    try {
      file ??= await open(path, 'a', 0o600);
      await file.writeFile(Buffer.concat(torn ? [Buffer.from('\n'), ...lines] : lines));
      await file.datasync();
      torn = false;
      written += lines.length;
    } catch (err) {
      torn = true;
      pending = [...lines, ...pending].slice(-MAX_PENDING);
      log.error({ err }, 'the dedup log cannot be written: pages are remembered in memory only');
      await closeFile();
    }
    if (written > compactAfter)
      await compact().catch((err: unknown) => log.warn({ err }, 'the dedup log was not compacted'));
  }

  async function compact(): Promise<void> {
    const lines = sentPages.compact(now() - KEPT_MS);
    written = Math.min(lines.length, compactAfter / 2); // even if it fails, or if all lines are new: not at every line
    const fresh = await open(`${path}.new`, 'w', 0o600);
    try {
      await fresh.writeFile(Buffer.concat(lines.map((line) => toChecksummedLine(JSON.stringify(line)))));
      await fresh.datasync();
    } finally {
      await fresh.close();
    }
    await closeFile();
    await rename(`${path}.new`, path);
    const folder = await open(directory, 'r');
    await folder.sync().finally(() => folder.close());
    torn = false;
  }

  async function closeFile(): Promise<void> {
    const open = file;
    file = null;
    await open?.close().catch(() => undefined);
  }

  if (found.lines.length > 0)
    turn = compact().catch((err: unknown) => log.warn({ err }, 'the dedup log was not compacted'));

  return {
    /** Takes effect at once; resolves when it is on the disk, or the write has failed. Never rejects. */
    append(line: DedupLogLine): Promise<void> {
      sentPages.apply(line);
      pending.push(toChecksummedLine(JSON.stringify(line)));
      return (turn = turn.then(flush));
    },
    /** The firings about which a page is known. */
    firings: sentPages.byFiring as { readonly size: number },
    pagesAbout: (firing: FiringId) => sentPages.pagesAbout(firing),
    isDelivered: (firing: FiringId) => sentPages.isDelivered(firing),
    /** Lines that could not be read when the log was opened. */
    corrupt: found.corrupt,
    async close(): Promise<void> {
      await (turn = turn.then(flush));
      await closeFile();
    },
  };
}

async function readLines(path: string): Promise<{ lines: DedupLogLine[]; corrupt: number; torn: boolean }> {
  const bytes = await readFile(path).catch((err: NodeJS.ErrnoException) => {
    if (err.code === 'ENOENT') return Buffer.alloc(0);
    throw err;
  });
  const lines: DedupLogLine[] = [];
  let corrupt = 0;
  for (const { offset, length } of lineSpans(bytes)) {
    if (length === 0) continue;
    const text = readChecksummedLine(bytes.subarray(offset, offset + length));
    const line = text === null ? null : readDedupLogLine(text);
    if (line === null) corrupt += 1;
    else lines.push(line);
  }
  return { lines, corrupt, torn: bytes.length > 0 && bytes.at(-1) !== 10 };
}

interface IntendedPage {
  readonly key: string;
  readonly to: string;
  /** The escalation level, from 1. */
  readonly level: number;
  /** Epoch ms. */
  readonly at: number;
  /** What the page is about; each has the incident id that its link carries. */
  readonly firings: readonly (readonly [FiringId, incidentId: string])[];
}

interface AcceptedPage {
  readonly key: string;
  readonly method: string;
  readonly at: number;
}

export type DedupLogLine =
  | { readonly intended: IntendedPage }
  | { readonly accepted: AcceptedPage }
  /** Temporal has these: fallback paging no longer needs them. */
  | { readonly delivered: readonly FiringId[] };

/** One person and one firing. */
export interface SentPage {
  readonly to: string;
  readonly key: string;
  readonly level: number;
  readonly at: number;
  readonly incidentId: string;
  /** Shared by all entries under the same key. */
  readonly accepted: readonly Omit<AcceptedPage, 'key'>[];
}

interface PageState {
  readonly intended: IntendedPage;
  readonly accepted: Omit<AcceptedPage, 'key'>[];
}

/** Beyond this, the oldest firings are forgotten: the worst case is one page too many, under the same key. */
const KEPT_AT_MOST = 50_000;
const NONE: readonly SentPage[] = [];

/** The log in memory. */
class SentPages {
  private readonly pages = new Map<string, PageState>();
  readonly byFiring = new Map<FiringId, SentPage[]>();
  private readonly deliveredFirings = new Set<FiringId>();

  apply(line: DedupLogLine): void {
    if ('intended' in line) this.applyIntended(line.intended);
    else if ('accepted' in line) this.applyAccepted(line.accepted);
    else for (const firing of line.delivered) if (this.byFiring.has(firing)) this.deliveredFirings.add(firing);
  }

  pagesAbout(firing: FiringId): readonly SentPage[] {
    return this.byFiring.get(firing) ?? NONE;
  }

  isDelivered(firing: FiringId): boolean {
    return this.deliveredFirings.has(firing);
  }

  /** Forgets pages older than `since`; returns the lines that restore the rest. */
  compact(since: number): readonly DedupLogLine[] {
    for (const [firing, sent] of [...this.byFiring]) if (sent.every(({ at }) => at < since)) this.forget(firing);
    const lines: DedupLogLine[] = [...this.pages.values()].flatMap(({ intended, accepted }): DedupLogLine[] => [
      { intended },
      ...accepted.map((one): DedupLogLine => ({ accepted: { ...one, key: intended.key } })),
    ]);
    return this.deliveredFirings.size === 0 ? lines : [...lines, { delivered: [...this.deliveredFirings] }];
  }

  private applyIntended(intended: IntendedPage): void {
    const accepted = this.pages.get(intended.key)?.accepted ?? [];
    this.pages.set(intended.key, { intended, accepted });
    const { key, to, level, at } = intended;
    for (const [firing, incidentId] of intended.firings) {
      const others = (this.byFiring.get(firing) ?? []).filter((sent) => sent.to !== to);
      this.byFiring.set(firing, [...others, { key, to, level, at, incidentId, accepted }]);
    }
    while (this.byFiring.size > KEPT_AT_MOST) this.forget(this.byFiring.keys().next().value ?? '');
  }

  private applyAccepted({ key, method, at }: AcceptedPage): void {
    const page = this.pages.get(key);
    if (page?.accepted.some((one) => one.method === method) === false) page.accepted.push({ method, at });
  }

  private forget(firing: FiringId): void {
    for (const { key } of this.byFiring.get(firing) ?? NONE) this.pages.delete(key);
    this.byFiring.delete(firing);
    this.deliveredFirings.delete(firing);
  }
}

/** Who was paged about a firing, for the incident that it joins. */
export function acceptedPages(sent: readonly SentPage[]): readonly FallbackPage[] {
  return sent.flatMap(({ to, key, incidentId, accepted }) =>
    accepted.map(({ method, at }) => ({ to, method, key, at, incidentId })),
  );
}

/** Null for any other JSON. */
function readDedupLogLine(text: string): DedupLogLine | null {
  try {
    const line = JSON.parse(text) as Partial<Record<'intended' | 'accepted' | 'delivered', unknown>> | null;
    const isOne = line !== null && (line.intended ?? line.accepted ?? line.delivered) !== undefined;
    return isOne ? (line as DedupLogLine) : null;
  } catch {
    return null;
  }
}
