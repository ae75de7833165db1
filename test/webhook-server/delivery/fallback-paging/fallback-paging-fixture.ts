/** Fallback paging alone, with real people at the end of real sockets and a real log. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contact } from '../../../../activities/ports.ts';
import { createSigner } from '../../../../runtime/digests.ts';
import type { Policy } from '../../../../domain/kernel/policy.ts';
import { webhookContact } from '../../../../providers/webhook/webhook.ts';
import {
  createFallbackPaging,
  type FallbackPaging,
} from '../../../../webhook-server/delivery/fallback-paging/fallback-paging.ts';
import { openDedupLog, type DedupLog } from '../../../../webhook-server/delivery/fallback-paging/dedup-log.ts';
import type { RoutedAlerts } from '../../../../webhook-server/incidents/gateway.ts';
import { aPolicy } from '../../../support/builders.ts';
import { startPageSink, type PageSink } from '../../../support/page-sink.ts';
import { routed, silentLog } from '../../support/routed-alerts.ts';

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
function receivedNow(whole: RoutedAlerts, policy?: Policy): RoutedAlerts {
  return {
    ...whole,
    receivedAt: Date.now(),
    declaration: policy === undefined ? whole.declaration : { ...whole.declaration, policy },
  };
}

export const firingNow = (group: string, alerts: RoutedAlerts['alerts'], policy?: Policy): RoutedAlerts =>
  receivedNow(routed(group, alerts), policy);

export interface FallbackPagingFixture {
  readonly sink: PageSink;
  readonly directory: string;
  readonly log: ReturnType<typeof silentLog>;
  /** A server's; each has its own. */
  open(over?: FallbackPagingOverrides): Promise<FallbackPaging & { readonly seen: DedupLog }>;
  /** Who got which page, in order: `ana bg/…`. */
  pagesInOrder(): string[];
  close(): Promise<void>;
}

interface FallbackPagingOverrides {
  readonly directory?: string;
  readonly contacts?: (person: string) => readonly Contact[];
  readonly afterMs?: number;
}

export async function openFallbackPagingFixture(): Promise<FallbackPagingFixture> {
  const home = mkdtempSync(join(tmpdir(), 'fallback-paging-'));
  const sink = await startPageSink(PEOPLE);
  const log = silentLog();
  const opened: FallbackPaging[] = [];
  const contactsOf = (person: string): readonly Contact[] => [webhookContact(`${sink.url}/${person}`, 'webhook')];
  return {
    sink,
    directory: home,
    log,
    async open({ directory = home, contacts = contactsOf, afterMs = AFTER_MS } = {}) {
      const dedupLog = await openDedupLog({ directory, log });
      const one = createFallbackPaging({
        ...{ dedupLog, contacts, log, afterMs: () => afterMs },
        peopleBehindName: (name) => (name === 'onCall' ? ['ana'] : PEOPLE.includes(name) ? [name] : null),
        links: {
          incident: ({ workflowId, id }) => `http://tocsin.example/incidents/${workflowId}?link=${id}`,
          acknowledge: (link) => `http://tocsin.example/ack/${signer.sign(link)}`,
        },
      });
      opened.push(one);
      return { ...one, seen: dedupLog };
    },
    pagesInOrder: () => sink.received.map(({ person, page }) => `${person} ${page.key}`),
    async close() {
      for (const one of opened) await one.close();
      await sink.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
