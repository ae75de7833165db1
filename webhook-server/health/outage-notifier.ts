/**
 * Notifies people when the usual way to page is broken: straight from the server to their contacts, without Temporal,
 * the workers or the database. Once per outage, again every hour, and once when it is over.
 */
import type { Logger } from 'pino';
import type { Contact, Page } from '../../activities/ports.ts';
import { digestOfSetting, type ConfigSource, reloadable, type Reloadable } from '../../config/config-source.ts';
import { settingsOfKind, Vendors } from '../../providers/vendors.ts';

export interface PagingOutage {
  readonly reason: string;
  /** Epoch ms of the first check that failed. */
  readonly since: number;
}

interface OutageNotifierParts {
  /** Called each time. A new object counts as a person who has not been notified. */
  readonly contacts: () => readonly Contact[];
  /** Names this server in the keys of its pages. */
  readonly server: string;
  readonly publicUrl: () => string;
  readonly log: Pick<Logger, 'error'>;
}

const REPEAT_EVERY_MS = 3_600_000;
const SEND_MS = 10_000;

/** What a contact has been sent during the outage. */
interface NotifiedContact {
  readonly at: number;
  readonly outage: PagingOutage;
  /** Of the pages that it accepted. */
  readonly keys: readonly string[];
}

export function createOutageNotifier(parts: OutageNotifierParts) {
  const notified = new Map<Contact, NotifiedContact>();

  async function trySending(
    what: string,
    contact: Contact,
    act: (signal: AbortSignal) => Promise<void>,
  ): Promise<boolean> {
    try {
      await act(AbortSignal.timeout(SEND_MS));
      return true;
    } catch (err) {
      parts.log.error({ err, method: contact.method }, `the last resort could not be ${what}`);
      return false;
    }
  }

  async function pageAgain(contact: Contact, outage: PagingOutage, at: number): Promise<void> {
    const keys = notified.get(contact)?.keys ?? [];
    const page = outagePage(parts, { kind: 'page', contact, outage, attempt: keys.length + 1 });
    const reached = await trySending('paged', contact, (signal) => contact.send(page, signal));
    if (reached) notified.set(contact, { at, outage, keys: [...keys, page.key] });
  }

  const allClear = (contact: Contact, { keys, outage }: NotifiedContact): Promise<boolean> =>
    trySending('told that it is over', contact, async (signal) => {
      for (const key of contact.settle ? keys : []) await contact.settle?.(key, 'resolve', signal);
      if (contact.pagesOnly) return;
      await contact.send(outagePage(parts, { kind: 'notification', contact, outage, attempt: keys.length }), signal);
    });

  return {
    /** Call after every failed check; people notified within the last hour are not notified again. */
    async outageSeen(outage: PagingOutage, at: number): Promise<void> {
      const due = parts
        .contacts()
        .filter((contact) => at - (notified.get(contact)?.at ?? -Infinity) >= REPEAT_EVERY_MS);
      await Promise.all(due.map((contact) => pageAgain(contact, outage, at)));
    },
    /** Call after every successful check. */
    async outageOver(): Promise<void> {
      const toNotify = [...notified];
      notified.clear();
      await Promise.all(toNotify.map(([contact, known]) => allClear(contact, known)));
    },
  };
}

interface OutageMessage {
  readonly kind: 'page' | 'notification';
  readonly contact: Contact;
  readonly outage: PagingOutage;
  readonly attempt: number;
}

function outagePage(
  { server, publicUrl }: OutageNotifierParts,
  { kind, contact, outage, attempt }: OutageMessage,
): Page {
  const { reason, since } = outage;
  const url = `${publicUrl()}/readyz`;
  const name = `self-check-${server}`;
  return {
    key: `${name}/${kind}/${since}.${attempt}/${contact.method}`,
    kind,
    reason: 'self-check',
    to: 'last resort',
    level: 1,
    cycle: 1,
    attempt,
    lateByMs: 0,
    text: kind === 'notification' ? 'Tocsin can page again' : `SEV1 Tocsin cannot page: ${reason}`,
    why: reason,
    calledBy: null,
    incident: {
      reference: null,
      workflowId: name,
      id: name,
      severity: 'SEV1',
      title: 'Tocsin cannot page',
      summary: `Since ${new Date(since).toISOString()}: ${reason}. Alerts may reach nobody.`,
      phase: kind === 'notification' ? 'resolved' : 'declared',
      team: 'tocsin',
      service: null,
      alerts: [],
      alertCount: 0,
      url,
    },
    acknowledgeUrl: url,
  };
}

/** Kept through reloads that do not concern them, since each contact remembers what it has been sent. */
export function liveLastResortContacts(
  source: Pick<ConfigSource, 'current' | 'prepareOnReload'>,
): Pick<Reloadable<readonly Contact[]>, 'current' | 'close'> {
  const made = reloadable<{ readonly of: string; readonly vendors: Vendors; readonly contacts: readonly Contact[] }>(
    source,
    {
      create: (config, before) => {
        const settings = config.lastResort.selfCheck?.contacts ?? [];
        const of = digestOfSetting([settings, settings.map(({ kind }) => settingsOfKind(kind, config.vendors))]);
        if (before?.of === of) return before;
        const vendors = new Vendors(config.vendors);
        return { of, vendors, contacts: vendors.contacts(settings) };
      },
      end: ({ vendors }) => vendors.close(),
    },
  );
  return { current: () => made.current().contacts, close: () => made.close() };
}
