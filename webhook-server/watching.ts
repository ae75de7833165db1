/** What a server watches: the heartbeats of the configuration, and itself. */
import type { Client } from '@temporalio/client';
import type { Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { Log } from '../config/log.ts';
import { createVendors } from '../providers/vendors.ts';
import { createHeartbeats, type Heartbeats } from './heartbeats/heartbeats.ts';
import type { Gate } from './incidents/gate.ts';
import type { SelfCheckDoor } from './self-check/door.ts';
import { lastResortContacts } from './self-check/last-resort.ts';
import { createSelfCheck } from './self-check/self-check.ts';

export interface WatchingParts {
  readonly client: Client;
  readonly gate: Gate;
  readonly config: Config;
  /** The state directory. */
  readonly home: string;
  readonly registry: Registry;
  readonly log: Log;
}

export interface Watching {
  readonly heartbeats: Heartbeats;
  readonly selfCheck: SelfCheckDoor;
  /** Something has failed that must not stay inside: says so to the monitor outside. */
  readonly fail: (reason: string) => void;
  /** Requests are answered at `url` from now on. */
  start(url: string): void;
  /** Before the server takes no more requests. */
  close(): Promise<void>;
}

export function createWatching({ client, gate, config, home, registry, log }: WatchingParts): Watching {
  const { lastResort, publicUrl } = config;
  const vendors = createVendors(config);
  const contacts = lastResortContacts(config, vendors);
  const heartbeats = createHeartbeats({ client, gate, config: () => config, log });
  const selfCheck = createSelfCheck({ client, gate, log, registry, home, publicUrl, lastResort, contacts });
  return {
    heartbeats,
    selfCheck: selfCheck.door,
    fail: selfCheck.fail,
    start(url) {
      heartbeats.listen();
      selfCheck.start(url);
    },
    async close() {
      selfCheck.close();
      await heartbeats.close();
      vendors.close();
    },
  };
}
