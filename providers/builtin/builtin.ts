/**
 * The built-in providers, which need no vendor: the log, the terminal, Tocsin's own status page, and the external
 * monitor.
 */
import { z } from 'zod';
import type { Chat, Contact, IncidentContext, Page, PublicEntry, StatusPage } from '../../activities/ports.ts';
import { DeliveryError } from '../../runtime/failures.ts';
import { printable } from '../../runtime/log.ts';
import { abortOn } from '../shared/deliver-once.ts';
import { callVendor, failUrl } from '../shared/http.ts';
import { callText, incidentNameLines, unsignedAddress } from '../shared/page-text.ts';
import type { OrganizationSettings, Vendor } from '../vendor.ts';

/** `text` for those who may not have what the signed address opens: readers of logs, other companies. */
const unsigned = (text: string, { url }: IncidentContext['incident']): string =>
  text.replaceAll(url, unsignedAddress(url));

/** Every post and public entry goes to the log too, so that nothing is lost where no chat is configured. */
export const log = {
  connect: () => ({
    chat: ({ log }: OrganizationSettings): Chat => ({
      post: async ({ key, text }, { incident }) => {
        const { team, workflowId, id: incidentId } = incident;
        log.info({ port: 'chat', key, team, workflowId, incidentId, text: unsigned(text, incident) }, 'chat');
      },
    }),
    statusPage: ({ log }: OrganizationSettings): StatusPage => ({
      publish: async ({ key, incidentId, state, component, text, nextUpdateAt }) =>
        log.info({ port: 'status', key, incidentId, state, component, text, nextUpdateAt }, 'status page'),
    }),
  }),
} satisfies Vendor;

/** The terminal that runs Tocsin, for trying things out. */
export const terminal = {
  contacts: { terminal: { target: z.literal(true, { error: 'write { terminal: true }' }) } },
  connect: () => ({
    contact: (_target: string, method: string): Contact => ({
      method,
      quiet: false,
      send: async (page) => void process.stdout.write(pageBlock(page)),
    }),
  }),
} satisfies Vendor;

const NAMES_SHOWN = 50;

function pageBlock(page: Page): string {
  const { kind, to, text, incident, acknowledgeUrl } = page;
  if (kind === 'notification') return `\n· for ${printable(to)}: ${printable(text)}\n`;
  return [
    '',
    `${kind === 'test' ? 'TEST ' : ''}PAGE for ${printable(to)} (${callText(page)})`,
    `  ${printable(text)}`,
    ...incidentNameLines(page, NAMES_SHOWN).map((name) => `  ${printable(name)}`),
    `  ${incident.url}`,
    `  acknowledge: ${acknowledgeUrl}`,
    '',
  ].join('\n');
}

/** What is stored of a public entry: only what was written for the public, and its incident. Times in epoch ms. */
export type PublishedEntry = Omit<PublicEntry, 'key' | 'mayBeRepeat' | 'renews'>;

export const builtinStatusPage = {
  connect: () => ({
    statusPage: ({ publish }: OrganizationSettings): StatusPage | null =>
      publish === null ? null : ownStatusPage(publish),
  }),
} satisfies Vendor;

const STATUS_PAGE = 'status page';

/** `publish` must accept the same entry (incident and `n`) twice, and again with a later time; any error means that it may succeed later. */
export function ownStatusPage(publish: (entry: PublishedEntry) => Promise<unknown>): StatusPage {
  return {
    publish: async (entry, { projection }, signal) => {
      if (projection.restricted || projection.test)
        throw new DeliveryError(STATUS_PAGE, { code: 'not public', kind: 'rejected' });
      const { incidentId, n, at, state, impact, component, text, nextUpdateAt } = entry;
      // Field by field, so that a field added to entries later does not become public unnoticed.
      const published = publish({ incidentId, n, at, state, impact, component, text, nextUpdateAt });
      const taken = published.catch(() => Promise.reject(new DeliveryError(STATUS_PAGE, { code: 'not kept' })));
      await abortOn(signal, taken, STATUS_PAGE);
    },
  };
}

/** Pings the external monitor's `/fail` when nobody has answered at any level. */
export const externalMonitor = {
  connect: () => ({
    chat: ({ monitorUrl, log }: OrganizationSettings): Chat | null => {
      if (monitorUrl === null) return null;
      return escalationMonitor(monitorUrl, (err) =>
        log.warn({ err }, 'the external monitor could not be told that an escalation is exhausted'),
      );
    },
  }),
} satisfies Vendor;

const TRIES = 3;

/** Reacts to exhausted escalations and nothing else. Never fails, so it holds up no chat. */
export function escalationMonitor(pingUrl: string, onMissed: (err: unknown) => void): Chat {
  return {
    post: async ({ about, text }, { incident }, signal) => {
      if (about !== 'escalation-exhausted') return;
      const body = { reason: unsigned(text, incident), incident: unsignedAddress(incident.url) };
      for (let left = TRIES; left > 0; left -= 1) {
        try {
          await callVendor('external monitor', { method: 'POST', url: failUrl(pingUrl), body }, signal);
          return;
        } catch (err) {
          if (left === 1) onMissed(err);
        }
      }
    },
  };
}
