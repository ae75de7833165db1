/** Fallback paging alone, with real people at the end of real sockets and a real log. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contact } from '../../../activities/ports.ts';
import { createSigner } from '../../../config/signed-links.ts';
import type { Policy } from '../../../domain/policy.ts';
import { webhookContact } from '../../../providers/webhook.ts';
import { createFallbackPaging, type FallbackPaging } from '../../../webhook-server/fallback-paging/fallback-paging.ts';
import { openSeenLog, type SeenLog } from '../../../webhook-server/fallback-paging/seen-log.ts';
import type { RoutedAlerts } from '../../../webhook-server/gateway.ts';
import { aPolicy } from '../../support/builders.ts';
import { startSink, type Sink } from '../../support/sink.ts';
import { routed, silentLog } from '../support/routed-alerts.ts';

const PEOPLE = ['ana', 'bo', 'eve'];
export const AFTER_MS = 150;
export const signer = createSigner('a secret of this test only');

/** The runbook's policy, with an acknowledgement time that a test can wait for. */
export function quickPolicy(acknowledgeWithinMs: number, over: Partial<Policy> = {}): Policy {
  const { severities } = aPolicy();
  const quick = { acknowledgeWithinMs, escalateEveryMs: acknowledgeWithinMs };
  return aPolicy({
    digest: `quick ${acknowledgeWithinMs} ${JSON.stringify(over)}`,
    severities: { ...severities, SEV1: { ...severities.SEV1, ...quick }, SEV2: { ...severities.SEV2, ...quick } },
    ...over,
  });
}

/** A message that comes now. */
function now(whole: RoutedAlerts, policy?: Policy): RoutedAlerts {
  return {
    ...whole,
    receivedAt: Date.now(),
    opening: policy === undefined ? whole.opening : { ...whole.opening, policy },
  };
}

export const firing = (group: string, alerts: RoutedAlerts['alerts'], policy?: Policy): RoutedAlerts =>
  now(routed(group, alerts), policy);

export interface House {
  readonly sink: Sink;
  readonly directory: string;
  readonly log: ReturnType<typeof silentLog>;
  /** A server's; each has its own. */
  open(over?: Overrides): Promise<FallbackPaging & { readonly seen: SeenLog }>;
  /** Who got which page, in order: `ana bg/…`. */
  paged(): string[];
  close(): Promise<void>;
}

interface Overrides {
  readonly directory?: string;
  readonly contacts?: (person: string) => readonly Contact[];
  readonly afterMs?: number;
}

export async function openHouse(): Promise<House> {
  const home = mkdtempSync(join(tmpdir(), 'fallback-paging-'));
  const sink = await startSink(PEOPLE);
  const log = silentLog();
  const opened: FallbackPaging[] = [];
  const contactsOf = (person: string): readonly Contact[] => [webhookContact(`${sink.url}/${person}`, 'webhook')];
  return {
    sink,
    directory: home,
    log,
    async open({ directory = home, contacts = contactsOf, afterMs = AFTER_MS } = {}) {
      const seen = await openSeenLog({ directory, log });
      const one = createFallbackPaging({
        ...{ seen, contacts, log, afterMs: () => afterMs },
        behind: (name) => (name === 'onCall' ? ['ana'] : PEOPLE.includes(name) ? [name] : null),
        links: {
          incident: (workflowId) => `http://tocsin.example/incidents/${workflowId}`,
          acknowledge: (link) => `http://tocsin.example/ack/${signer.sign(link)}`,
        },
      });
      opened.push(one);
      return { ...one, seen };
    },
    paged: () => sink.received.map(({ person, page }) => `${person} ${page.key}`),
    async close() {
      for (const one of opened) await one.close();
      await sink.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
