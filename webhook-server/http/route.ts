/**
 * One route of the table from which the server and its OpenAPI document are built. A path that is not in the table does
 * not exist; a route that does not state its access, input and responses does not compile.
 */
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { SourceName } from '../../config/sections/sources.ts';
import type { AuditContext } from '../audit/audit-attempt.ts';
import type { Bearer, TokenRole } from '../security/people-auth.ts';

/**
 * `optional`: no body counts as `{}`. `none`: any body is discarded. `bytes`: a sender's JSON, not parsed yet, since it
 * may be large. `markdown`: text of that media type.
 */
type BodyKind = 'json' | 'optional' | 'none' | 'bytes' | 'markdown';

export interface RouteRequest<Query = unknown, Input = unknown> {
  readonly req: IncomingMessage;
  readonly params: Readonly<Record<string, string>>;
  /** The query string as parsed by the route's `query` schema; `{}` without one. */
  readonly query: Query;
  /**
   * The body as parsed by the route's `input` schema. Without one: parsed JSON, text, a `Buffer` where the route reads
   * `bytes`, undefined where it reads none.
   */
  readonly body: Input;
  /** The authenticated person; null on public and source routes. */
  readonly bearer: Bearer | null;
  /** Epoch ms. */
  readonly receivedAt: number;
  /** Adds details to the audit entry, on audited routes. */
  readonly addAuditContext?: (details: AuditContext) => void;
}

export interface RouteResponse {
  readonly status: number;
  readonly json?: unknown;
  readonly html?: string;
  readonly text?: { readonly type: string; readonly body: string };
  readonly headers?: Readonly<Record<string, string>>;
}

interface RouteBase {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Express pattern: `/ack/:token`. */
  readonly path: string;
  readonly summary: string;
  /** The accepted parameters; all others are refused. Absent: none is read, and none refused. */
  readonly query?: z.ZodObject;
  /** Whether `team=` is a mistake (the default), or the same as no `team`, as a form sends an empty field. */
  readonly blankParameters?: 'absent';
  /** Checked before the handler runs. */
  readonly input?: z.ZodType;
  /** Describes a body that the handler reads itself. */
  readonly inputShape?: z.ZodType;
  /** Status → JSON, or media type → its content. */
  readonly output: Readonly<Record<number, z.ZodType | Readonly<Record<string, z.ZodType>>>>;
  /** Whether a signed link in the request stands for a token. */
  readonly admitsLink?: (req: IncomingMessage) => boolean;
  /** For people: its errors are pages too, unless a program asks for JSON. */
  readonly page?: true;
  /** Audits every attempt, authorized or not. `via` where access needs no person's token. */
  readonly audited?: { readonly command: string; readonly via?: 'link' };
  handle(incoming: RouteRequest): RouteResponse | Promise<RouteResponse>;
}

/**
 * `source`: a configured sender's credential. `own`: a credential that the route checks itself, from the headers. A
 * role: a person's token of at least that role.
 */
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
        readonly access: 'public' | TokenRole;
        readonly source?: never;
        readonly body: Exclude<BodyKind, 'bytes'>;
      }
  );

type TypedRoute<R extends Route, Query extends z.ZodObject, Input extends z.ZodType> = R extends Route
  ? Omit<R, 'query' | 'input' | 'handle'> & {
      readonly query?: Query;
      readonly input?: Input;
      handle(incoming: RouteRequest<z.output<Query>, z.output<Input>>): RouteResponse | Promise<RouteResponse>;
    }
  : never;

/** A route whose handler gets query and body in the types of their schemas. */
export const defineRoute = <Query extends z.ZodObject, Input extends z.ZodType>(
  route: TypedRoute<Route, Query, Input>,
): Route => route;
