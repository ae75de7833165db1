/** Pages on their way: noted before they leave and when a vendor has taken them, and waited for before a replay. */
import type { Logger } from 'pino';
import type { Contact } from '../../activities/ports.ts';
import { within } from '../incidents/deadline.ts';
import type { Owed } from './chain.ts';
import { settle } from './chain.ts';
import { composePage, type PageParts } from './compose.ts';
import { pageKey, type FiringId } from './firing.ts';
import { reach } from './reach.ts';
import type { Sent } from './seen.ts';
import type { SeenLog } from './seen-log.ts';

export interface Sending {
  /** One page to one person about everything that is owed in it. Calls `onEnd` whatever comes of it. */
  send(page: readonly [Owed, ...Owed[]]): void;
  /** Resolves when the pages about these that are under way have ended, and are logged. */
  ended(firings: readonly FiringId[]): Promise<void>;
  isUnderWay(owed: Owed): boolean;
  /** Lets what is under way go on for a few seconds. */
  close(): Promise<void>;
}

export interface SendingParts {
  readonly seen: SeenLog;
  readonly contacts: (person: string) => readonly Contact[];
  readonly links: PageParts['links'];
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now: () => number;
  /** What of it the person has not been told yet. */
  readonly firingsOf: (owed: Owed) => readonly FiringId[];
  readonly sentTo: (firing: FiringId, person: string) => Sent | undefined;
  readonly onEnd: (owed: Owed) => void;
}

interface UnderWay {
  readonly to: string;
  readonly firings: ReadonlySet<FiringId>;
  readonly done: Promise<void>;
}

const LAST_PAGES_MS = 3_000;
const NOTED_WITHIN_MS = 1_000;

export function createSending(parts: SendingParts): Sending {
  const { seen, contacts, links, log, now, firingsOf, sentTo, onEnd } = parts;
  const underWay = new Set<UnderWay>();
  const ending = new AbortController();

  async function sendPage(page: readonly [Owed, ...Owed[]], about: readonly (readonly [FiringId, string])[]) {
    const [{ person: to, level, sighted: lead }, ...others] = page;
    const first = about[0]?.[0] ?? '';
    const key = sentTo(first, to)?.key ?? pageKey(first, to);
    const at = now();
    // In memory at once; a disk that hangs must not hold up the page.
    await within(NOTED_WITHIN_MS, seen.note({ intended: { key, to, level, at, firings: about } })).catch(
      () => undefined,
    );
    const sighted = [lead, ...others.map((owed) => owed.sighted)] as const;
    const lateByMs = Math.max(0, at - Math.min(...sighted.map(({ dueAt }) => dueAt)));
    const reached = await reach({
      page: composePage({ key, to, level, sighted, lateByMs, links }),
      contacts: contacts(to),
      allAtOnce: lead.opening.policy.severities[lead.severity].notificationRules.allAtOnce,
      signal: ending.signal,
      onAccepted: async (method) => {
        log.warn({ to, level, method, key, incidents: page.length }, 'Temporal is away: paged directly');
        await seen.note({ accepted: { key, method, at: now() } });
      },
      log,
    });
    for (const { one } of page) settle(one, { to, level, reached, at: now() });
  }

  return {
    send(page) {
      const about = page.flatMap((owed) => firingsOf(owed).map((id) => [id, owed.sighted.opening.incidentId] as const));
      const done = sendPage(page, about)
        .catch((err: unknown) => log.error({ err }, 'a page while Temporal is away failed in a way nobody foresaw'))
        .then(() => {
          underWay.delete(one);
          for (const owed of page) onEnd(owed);
        });
      const one: UnderWay = { to: page[0].person, firings: new Set(about.map(([id]) => id)), done };
      underWay.add(one);
    },
    async ended(firings) {
      const these = [...underWay].filter((one) => firings.some((id) => one.firings.has(id)));
      await Promise.all(these.map(({ done }) => done));
    },
    isUnderWay: ({ person, sighted }) =>
      [...underWay].some(({ to, firings }) => to === person && sighted.firings.some((id) => firings.has(id))),
    async close() {
      const late = setTimeout(() => ending.abort(), LAST_PAGES_MS);
      await Promise.all([...underWay].map(({ done }) => done));
      clearTimeout(late);
    },
  };
}
