/**
 * One route of the table from which the server is built, and what its handler gets and gives. A path that is not in
 * the table does not exist; a route says who may use it or it does not compile.
 */
import type { IncomingMessage } from 'node:http';
import type { SourceName } from '../../config/config.ts';
import type { Bearer, TokenRole } from '../security/roles.ts';

/** `source`: a configured sender's credential. A role: a person's token of at least that role. */
type Access = 'public' | 'source' | TokenRole;

/** `optional`: no body counts as `{}`. `none`: whatever is sent is thrown away. */
type BodyKind = 'json' | 'optional' | 'none';

export interface Incoming {
  readonly req: IncomingMessage;
  readonly params: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined where the route reads none. */
  readonly body: unknown;
  /** Who asks; null on public and source routes. */
  readonly bearer: Bearer | null;
  /** Epoch ms. */
  readonly receivedAt: number;
}

export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly html?: string;
  readonly text?: { readonly type: string; readonly body: string };
  readonly headers?: Readonly<Record<string, string>>;
}

type Handler = (incoming: Incoming) => Answer | Promise<Answer>;

interface RouteBase {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Express pattern: `/ack/:token`. */
  readonly path: string;
  readonly body: BodyKind;
  readonly handle: Handler;
}

export type Route = RouteBase &
  (
    | { readonly access: 'source'; readonly source: SourceName }
    | { readonly access: Exclude<Access, 'source'>; readonly source?: never }
  );
