/** The checks that a server runs in the background: configured heartbeats, and the self-check. */
import type { Client } from '@temporalio/client';
import type { Registry } from 'prom-client';
import type { ConfigSource } from '../../config/config-source.ts';
import type { Log } from '../../runtime/log.ts';
import { Heartbeats } from '../ingest/heartbeats/heartbeats.ts';
import type { Circuit } from '../delivery/circuit-breaker.ts';
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

export function createBackgroundChecks(parts: BackgroundChecksParts) {
  const { client, circuitBreaker, source, home, registry, log } = parts;
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
    /** The server now answers requests at `url`. */
    start(url: string): void {
      heartbeats.startListening();
      selfCheck.start(url);
    },
    /** Call before the server stops accepting requests. */
    async close(): Promise<void> {
      unsubscribe();
      selfCheck.close();
      await heartbeats.close();
      contacts.close();
    },
  };
}
