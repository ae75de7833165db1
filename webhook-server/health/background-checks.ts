/** The checks that a server runs in the background: configured heartbeats, and the self-check. */
import type { Client } from '@temporalio/client';
import type { Registry } from 'prom-client';
import type { ConfigSource } from '../../config/config-source.ts';
import type { Log } from '../../runtime/log.ts';
import { Heartbeats } from '../ingest/heartbeats/heartbeats.ts';
import type { Circuit } from '../delivery/circuit-breaker.ts';
import type { SelfCheckEndpoint } from './synthetic-check.ts';
import { liveLastResortContacts } from './outage-notifier.ts';
import { createSelfCheck } from './self-check.ts';

export interface BackgroundChecksParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly source: ConfigSource;
  /** The state directory. */
  readonly home: string;
  readonly registry: Registry;
  readonly log: Log;
}

export interface BackgroundChecks {
  readonly heartbeats: Pick<Heartbeats, 'beat'>;
  readonly selfCheck: SelfCheckEndpoint;
  /** Reports a failure that the external monitor must know about. */
  readonly fail: (reason: string) => void;
  /** The server now answers requests at `url`. */
  start(url: string): void;
  /** Call before the server stops accepting requests. */
  close(): Promise<void>;
}

export function createBackgroundChecks({
  client,
  circuitBreaker,
  source,
  home,
  registry,
  log,
}: BackgroundChecksParts): BackgroundChecks {
  const config = source.current;
  const contacts = liveLastResortContacts(source);
  const heartbeats = new Heartbeats({ client, circuitBreaker, config, log });
  const selfCheck = createSelfCheck({
    client,
    circuitBreaker,
    log,
    registry,
    home,
    config: () => ({ publicUrl: config().publicUrl, selfCheck: config().lastResort.selfCheck }),
    contacts: contacts.current,
  });
  const unsubscribe = source.onApplied(() => {
    heartbeats.onConfigChanged();
    selfCheck.configChanged();
  });
  return {
    heartbeats,
    selfCheck: selfCheck.endpoint,
    fail: selfCheck.reportFailureOutside,
    start(url) {
      heartbeats.startListening();
      selfCheck.start(url);
    },
    async close() {
      unsubscribe();
      selfCheck.close();
      await heartbeats.close();
      contacts.close();
    },
  };
}
