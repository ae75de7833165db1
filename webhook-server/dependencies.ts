/** What the HTTP server needs from outside; it makes everything else itself. */
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { ConfigSource } from '../config/config-source.ts';
import type { Signer } from '../runtime/digests.ts';
import type { Records } from '../records/open-records.ts';
import type { Audit } from './audit/audit.ts';
import type { IncidentsGateway } from './incidents/gateway.ts';
import type { Heartbeats } from './ingest/heartbeats/heartbeats.ts';
import type { LoadLimits } from './http/load-limiter.ts';
import type { MaintenanceCommands } from './ingest/maintenance/windows.ts';
import type { Parsing } from './ingest/parsing/parsing.ts';
import type { SelfCheckEndpoint } from './health/synthetic-check.ts';
import type { TokenStore } from './security/token-store.ts';

export interface AppDeps {
  /** Called on every request, so that a reload takes effect at once. */
  readonly config: () => Config;
  /** Applies a new configuration; absent: reloading is not available. */
  readonly reload?: Pick<ConfigSource, 'reload' | 'processes' | 'state'>;
  readonly gateway: IncidentsGateway;
  /** May be down: what needs them fails, everything else works. */
  readonly records: Records;
  /** Where the last good copy of the public page is stored. */
  readonly stateDirectory: string;
  readonly tokens: TokenStore;
  /** Records every attempt to change something. */
  readonly audit: Audit;
  readonly signer: Signer;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** The metrics registry; a new one unless the process shares one. */
  readonly registry?: Registry;
  /** True once the server has begun to drain: `/readyz` answers 503. */
  readonly draining?: () => boolean;
  /** Reads senders' messages; absent: all of them on the event loop. */
  readonly parsing?: Pick<Parsing, 'parse'>;
  /** Limits on senders' messages in progress; `LOAD_LIMITS` unless a test overrides it. */
  readonly limits?: LoadLimits;
  /** Maintenance windows; absent: there are none, and none can be declared. */
  readonly maintenance?: { readonly declared: MaintenanceCommands };
  /** Heartbeats; absent: none is known. */
  readonly heartbeats?: Pick<Heartbeats, 'beat'>;
  /** The endpoint of the self-check; absent: none is served. */
  readonly selfCheck?: SelfCheckEndpoint;
  readonly now?: () => number;
}
