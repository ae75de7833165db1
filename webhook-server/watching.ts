/** What a server watches: the heartbeats of the configuration, and itself. */
import type { Client } from '@temporalio/client';
import type { Registry } from 'prom-client';
import type { ConfigSource } from '../config/config-source.ts';
import type { Log } from '../config/log.ts';
import { createHeartbeats, type Heartbeats } from './heartbeats/heartbeats.ts';
import type { Gate } from './incidents/gate.ts';
import type { SelfCheckDoor } from './self-check/door.ts';
import { liveLastResort } from './self-check/last-resort.ts';
import { createSelfCheck } from './self-check/self-check.ts';

export interface WatchingParts {
  readonly client: Client;
  readonly gate: Gate;
  readonly source: ConfigSource;
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

export function createWatching({ client, gate, source, home, registry, log }: WatchingParts): Watching {
  const config = source.current;
  const contacts = liveLastResort(source);
  const heartbeats = createHeartbeats({ client, gate, config, log });
  const selfCheck = createSelfCheck({ client, gate, log, registry, home, config, contacts: contacts.now });
  const leave = source.subscribe(() => {
    heartbeats.lookAgain();
    selfCheck.lookAgain();
  });
  return {
    heartbeats,
    selfCheck: selfCheck.door,
    fail: selfCheck.fail,
    start(url) {
      heartbeats.listen();
      selfCheck.start(url);
    },
    async close() {
      leave();
      selfCheck.close();
      await heartbeats.close();
      contacts.close();
    },
  };
}
