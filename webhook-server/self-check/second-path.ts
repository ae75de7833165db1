/**
 * Telling people when the way they are usually told is broken: from the server to their contacts, past Temporal, the
 * workers and the database. Once an outage, again every hour, and once when it is over.
 */
import type { Logger } from 'pino';
import type { Contact, Page } from '../../activities/ports.ts';

export interface SecondPath {
  /** Called at every check that fails; whoever has been told within the hour is not told again. */
  readonly broken: (outage: Outage, at: number) => Promise<void>;
  /** Called at every check that goes well. */
  readonly well: () => Promise<void>;
}

export interface Outage {
  readonly reason: string;
  /** Epoch ms of the first check that failed. */
  readonly since: number;
}

export interface SecondPathParts {
  /** Asked each time. Whoever is another object has been told nothing yet. */
  readonly contacts: () => readonly Contact[];
  /** This server, in the keys of its pages. */
  readonly server: string;
  readonly publicUrl: () => string;
  readonly log: Pick<Logger, 'error'>;
}

const AGAIN_EVERY_MS = 3_600_000;
const SEND_MS = 10_000;

/** What a contact has been told of the outage. */
interface Told {
  readonly at: number;
  readonly outage: Outage;
  /** Of the pages that it took. */
  readonly keys: readonly string[];
}

export function createSecondPath(parts: SecondPathParts): SecondPath {
  const told = new Map<Contact, Told>();

  async function tryTo(what: string, contact: Contact, act: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    try {
      await act(AbortSignal.timeout(SEND_MS));
      return true;
    } catch (err) {
      parts.log.error({ err, method: contact.method }, `the last resort could not be ${what}`);
      return false;
    }
  }

  async function pageAgain(contact: Contact, outage: Outage, at: number): Promise<void> {
    const keys = told.get(contact)?.keys ?? [];
    const page = compose(parts, { kind: 'page', contact, outage, nth: keys.length + 1 });
    const reached = await tryTo('paged', contact, (signal) => contact.send(page, signal));
    if (reached) told.set(contact, { at, outage, keys: [...keys, page.key] });
  }

  const allClear = (contact: Contact, { keys, outage }: Told): Promise<boolean> =>
    tryTo('told that it is over', contact, async (signal) => {
      for (const key of contact.settle ? keys : []) await contact.settle?.(key, 'resolve', signal);
      if (contact.pagesOnly) return;
      await contact.send(compose(parts, { kind: 'notice', contact, outage, nth: keys.length }), signal);
    });

  return {
    async broken(outage, at) {
      const due = parts.contacts().filter((contact) => at - (told.get(contact)?.at ?? -Infinity) >= AGAIN_EVERY_MS);
      await Promise.all(due.map((contact) => pageAgain(contact, outage, at)));
    },
    async well() {
      const knowing = [...told];
      told.clear();
      await Promise.all(knowing.map(([contact, known]) => allClear(contact, known)));
    },
  };
}

interface Message {
  readonly kind: 'page' | 'notice';
  readonly contact: Contact;
  readonly outage: Outage;
  readonly nth: number;
}

function compose({ server, publicUrl }: SecondPathParts, { kind, contact, outage, nth }: Message): Page {
  const { reason, since } = outage;
  const url = `${publicUrl()}/readyz`;
  const name = `self-check-${server}`;
  return {
    key: `${name}/${kind}/${since}.${nth}/${contact.method}`,
    ...{ kind, reason: 'self-check', to: 'last resort', level: 1, cycle: 1, attempt: nth, lateByMs: 0 },
    text: kind === 'notice' ? 'Tocsin can page again' : `SEV1 Tocsin cannot page: ${reason}`,
    incident: {
      ...{ reference: null, workflowId: name, id: name, severity: 'SEV1', title: 'Tocsin cannot page' },
      summary: `Since ${new Date(since).toISOString()}: ${reason}. Alerts may reach nobody.`,
      ...{ phase: kind === 'notice' ? 'resolved' : 'declared', team: 'tocsin', service: null },
      ...{ alerts: [], alertCount: 0, url },
    },
    acknowledgeUrl: url,
  };
}
