/**
 * Fallback pages in flight: logged before they leave and again when a provider has taken them, and awaited before a
 * replay.
 */
import type { Logger } from 'pino';
import type { Contact } from '../../../activities/ports.ts';
import { withTimeout } from '../circuit-breaker.ts';
import { type PendingPage, recordPageResult } from './fallback-escalation.ts';
import { type FallbackPageParts, composeFallbackPage, pagePerson } from './page-person.ts';
import { fallbackPageKey, type FiringId } from './firings.ts';
import type { DedupLog, SentPage } from './dedup-log.ts';

export interface PageSenderParts {
  readonly dedupLog: DedupLog;
  readonly contacts: (person: string) => readonly Contact[];
  readonly links: FallbackPageParts['links'];
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now: () => number;
  /** The firings about which the person has not been paged yet. */
  readonly firingsOf: (pending: PendingPage) => readonly FiringId[];
  readonly pageSentTo: (firing: FiringId, person: string) => SentPage | undefined;
  readonly onEnd: (pending: PendingPage) => void;
}

interface PageInFlight {
  readonly to: string;
  readonly firings: ReadonlySet<FiringId>;
  readonly done: Promise<void>;
}

const LAST_PAGES_MS = 3_000;
const LOG_TIMEOUT_MS = 1_000;

export function createPageSender(parts: PageSenderParts) {
  const { dedupLog, contacts, links, log, now, firingsOf, pageSentTo, onEnd } = parts;
  const pagesInFlight = new Set<PageInFlight>();
  const ending = new AbortController();

  async function sendPage(
    page: readonly [PendingPage, ...PendingPage[]],
    about: readonly (readonly [FiringId, string])[],
  ) {
    const [{ person: to, level, message: worst }, ...others] = page;
    const first = about[0]?.[0] ?? '';
    const key = pageSentTo(first, to)?.key ?? fallbackPageKey(first, to);
    const at = now();
    // Recorded in memory at once; a hanging disk must not hold up the page.
    await withTimeout(LOG_TIMEOUT_MS, dedupLog.append({ intended: { key, to, level, at, firings: about } })).catch(
      () => undefined,
    );
    const messages = [worst, ...others.map((pending) => pending.message)] as const;
    const lateByMs = Math.max(0, at - Math.min(...messages.map(({ dueAt }) => dueAt)));
    const reached = await pagePerson({
      page: composeFallbackPage({ key, to, level, messages, lateByMs, links }),
      contacts: contacts(to),
      allAtOnce: worst.declaration.policy.severities[worst.severity].notificationRules.allAtOnce,
      signal: ending.signal,
      onAccepted: async (method) => {
        log.warn({ to, level, method, key, incidents: page.length }, 'Temporal is away: paged directly');
        await dedupLog.append({ accepted: { key, method, at: now() } });
      },
      log,
    });
    for (const { group } of page) recordPageResult(group, { to, level, reached, at: now() });
  }

  return {
    /** One page to one person. Always calls `onEnd`. */
    send(page: readonly [PendingPage, ...PendingPage[]]): void {
      const about = page.flatMap((pending) =>
        firingsOf(pending).map((id) => [id, pending.message.declaration.incidentId] as const),
      );
      const done = sendPage(page, about)
        .catch((err: unknown) => log.error({ err }, 'fallback page failed unexpectedly'))
        .then(() => {
          pagesInFlight.delete(pageInFlight);
          for (const pending of page) onEnd(pending);
        });
      const pageInFlight: PageInFlight = { to: page[0].person, firings: new Set(about.map(([id]) => id)), done };
      pagesInFlight.add(pageInFlight);
    },
    /** Resolves when the pages in flight about these have ended and are logged. */
    async ended(firings: readonly FiringId[]): Promise<void> {
      const these = [...pagesInFlight].filter((one) => firings.some((id) => one.firings.has(id)));
      await Promise.all(these.map(({ done }) => done));
    },
    isInFlight: ({ person, message }: PendingPage): boolean =>
      [...pagesInFlight].some(({ to, firings }) => to === person && message.firings.some((id) => firings.has(id))),
    /** Waits a few seconds for pages in flight. */
    async close(): Promise<void> {
      const late = setTimeout(() => ending.abort(), LAST_PAGES_MS);
      await Promise.all([...pagesInFlight].map(({ done }) => done));
      clearTimeout(late);
    },
  };
}
