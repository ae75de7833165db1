/**
 * One route of the table from which the server is built, and what its handler gets and gives. A path that is not in
 * the table does not exist; a route says who may use it or it does not compile.
 */
import type { IncomingMessage } from 'node:http';
import type { SourceName } from '../../config/config.ts';
import type { AuditContext } from '../audit/audit-attempt.ts';
import type { Bearer, TokenRole } from '../security/roles.ts';

/**
 * `source`: a configured sender's credential. A role: a person's token of at least that role. `own`: a credential that
 * the route itself judges, by the head of the request.
 */
type Access = 'public' | 'source' | 'own' | TokenRole;

/**
 * `optional`: no body counts as `{}`. `none`: whatever is sent is thrown away. `bytes`: JSON of a sender, not parsed
 * yet, since it may be large. `markdown`: text of that type.
 */
type BodyKind = 'json' | 'optional' | 'none' | 'bytes' | 'markdown';

export interface RouteRequest {
  readonly req: IncomingMessage;
  readonly params: Readonly<Record<string, string>>;
  /** Parsed JSON, a `Buffer` of it where the route reads `bytes`, or text; undefined where it reads none. */
  readonly body: unknown;
  /** Who asks; null on public and source routes. */
  readonly bearer: Bearer | null;
  /** Epoch ms. */
  readonly receivedAt: number;
  /** Tells the audit what has become known, on routes that are audited. */
  readonly addAuditContext?: (details: AuditContext) => void;
}

export interface RouteResponse {
  readonly status: number;
  readonly json?: unknown;
  readonly html?: string;
  readonly text?: { readonly type: string; readonly body: string };
  readonly headers?: Readonly<Record<string, string>>;
}

type RouteHandler = (incoming: RouteRequest) => RouteResponse | Promise<RouteResponse>;

interface RouteBase {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Express pattern: `/ack/:token`. */
  readonly path: string;
  readonly handle: RouteHandler;
  /** Every attempt has a line in the audit, let in or not. `door` where it is no person's token that opens it. */
  readonly audited?: { readonly command: string; readonly via?: 'link' };
}

export type Route = RouteBase &
  (
    | { readonly access: 'source'; readonly source: SourceName; readonly body: BodyKind }
    | {
        readonly access: 'own';
        readonly admits: (req: IncomingMessage, params: RouteRequest['params']) => boolean;
        readonly source?: never;
        readonly body: Exclude<BodyKind, 'bytes'>;
      }
    | {
        readonly access: Exclude<Access, 'source' | 'own'>;
        readonly source?: never;
        readonly body: Exclude<BodyKind, 'bytes'>;
      }
  );
