/** What the HTTP edge needs from outside: everything else it makes itself. */
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { ConfigSource } from '../config/config-source.ts';
import type { Signer } from '../runtime/signed-links.ts';
import type { Records } from '../records/open-records.ts';
import type { Audit } from './audit/audit.ts';
import type { IncidentsGateway } from './incidents/gateway.ts';
import type { Heartbeats } from './ingest/heartbeats/heartbeats.ts';
import type { LoadLimits } from './http/load-limiter.ts';
import type { MaintenanceCommands } from './ingest/maintenance/declared-windows.ts';
import type { Parsing } from './ingest/parsing/parsing.ts';
import type { SelfCheckEndpoint } from './health/synthetic-check.ts';
import type { TokenStore } from './security/token-store.ts';

export interface AppDeps {
  /** Asked on every request, so that a reload takes effect at once. */
  readonly config: () => Config;
  /** Takes a new configuration; without it there is none to take. */
  readonly reload?: Pick<ConfigSource, 'reload' | 'processes' | 'state'>;
  readonly gateway: IncidentsGateway;
  /** May be away: what needs them says so, everything else goes on. */
  readonly records: Records;
  /** Where the last good copy of the public page is kept. */
  readonly stateDirectory: string;
  readonly tokens: TokenStore;
  /** Every attempt to change something is written there. */
  readonly audit: Audit;
  readonly signer: Signer;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Where metrics are kept; a new registry unless the process shares one. */
  readonly registry?: Registry;
  /** What `/readyz` says of the search attributes, where this process knows. */
  readonly searchableInfo?: () => string;
  /** True once the server has begun to drain: `/readyz` answers 503. */
  readonly draining?: () => boolean;
  /** Reads senders' messages; unless given, all of them on the spot. */
  readonly parsing?: Pick<Parsing, 'parse'>;
  /** How much of senders' messages may be in work at once; `LOAD_LIMITS` unless a test says otherwise. */
  readonly limits?: LoadLimits;
  /** Windows in which alerts are held back; without it there are none, and none can be declared. */
  readonly maintenance?: { readonly declared: MaintenanceCommands };
  /** Dead-man's switches; without them no heartbeat is known. */
  readonly heartbeats?: Pick<Heartbeats, 'beat'>;
  /** Where the server's own check of the way from alert to page comes in; without it nobody does. */
  readonly selfCheck?: SelfCheckEndpoint;
  readonly now?: () => number;
}
