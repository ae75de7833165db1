/**
 * The other end of the parsing thread: one message at a time, a bounded queue behind it, and a new thread when one dies
 * or takes too long over a message.
 */
import { existsSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../../config/config.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { HttpProblem } from '../../http/problem.ts';
import { cachedPolicy } from '../policy-cache.ts';
import type { Parsing, ParsingOptions } from './parsing.ts';
import type { RoutedAlertsWithoutPolicy, RefusedMessageReply, ParseRequest } from './thread-protocol.ts';
import { NO_EXTRAS, type MessageExtras, type ReceivedBody } from './parse-message.ts';
import { startParserThread, type ParserThread } from './thread.ts';

/** Beside this file, or below or beside the file it was compiled into. */
const COMPILED_FILE_PATHS = [
  './parse-thread.js',
  './webhook-server/ingest/parsing/parse-thread.js',
  '../webhook-server/ingest/parsing/parse-thread.js',
];

/** For a message's turn and its parsing together, then for each piece. Ten thousand alerts take half a second. */
const READ_WITHIN_MS = 5000;
const WARM_AFTER_MS = 3000;
/** Each is up to 16 MiB. */
const WAITING_AT_MOST = 8;

export function parseThreadFile(): string | null {
  const files = COMPILED_FILE_PATHS.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return files.find((file) => existsSync(file)) ?? null;
}

export interface ParseClientOptions {
  readonly log: ParsingOptions['log'];
  /** The thread's compiled file. */
  readonly file: string;
  readonly withinMs?: number;
}

export function createParseClient({ log, file, withinMs = READ_WITHIN_MS }: ParseClientOptions): Parsing {
  let thread: ParserThread | null = null;
  let turns: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let ids = 0;
  let closed = false;

  /** It takes a while to load: the first large message should not wait for it, nor the start of the server. */
  const warmUp = setTimeout(() => (thread ??= startParserThread(file)), WARM_AFTER_MS);
  warmUp.unref();

  /** Resolves when everybody before has finished; `release` lets the next one in. */
  async function waitForTurn(): Promise<() => void> {
    if (closed || waiting >= WAITING_AT_MOST) throw overloaded();
    waiting += 1;
    const before = turns;
    let endTurn: () => void = () => undefined;
    turns = new Promise<void>((resolve) => (endTurn = resolve));
    await before;
    return () => {
      waiting -= 1;
      endTurn();
    };
  }

  async function* parse(
    received: ReceivedBody,
    config: Config,
  ): AsyncGenerator<readonly RoutedAlerts[], MessageExtras> {
    const giveUpAt = Date.now() + withinMs;
    const endTurn = await waitForTurn();
    try {
      if (closed || Date.now() >= giveUpAt) throw overloaded();
      if (thread === null || thread.hasEnded()) thread = startParserThread(file);
      return yield* inPieces(thread, { received, config, giveUpAt });
    } catch (error) {
      if (error instanceof HttpProblem) throw error;
      log.error(
        { err: error, bytes: received.bytes.length, source: received.source },
        'a large message could not be read',
      );
      await thread?.end();
      throw overloaded();
    } finally {
      endTurn();
    }
  }

  interface ParseTask {
    readonly received: ReceivedBody;
    readonly config: Config;
    readonly giveUpAt: number;
  }

  async function* inPieces(
    reader: ParserThread,
    { received, config, giveUpAt }: ParseTask,
  ): AsyncGenerator<readonly RoutedAlerts[], MessageExtras> {
    const id = (ids += 1);
    let message: ParseRequest = { id, read: received, config: reader.config === config ? null : config };
    reader.config = config;
    for (;;) {
      const answer = await reader.ask(message, 'read' in message ? giveUpAt - Date.now() : withinMs);
      if ('refused' in answer) throw problemOf(answer.refused);
      if ('failed' in answer) throw new Error(answer.failed);
      if (answer.piece.length > 0) yield answer.piece.map((light) => withPolicy(light, config));
      if (answer.last) return answer.extras ?? NO_EXTRAS;
      await turn();
      message = { id, next: true };
    }
  }

  return {
    parse,
    async close() {
      closed = true;
      clearTimeout(warmUp);
      await thread?.end();
    },
  };
}

function withPolicy({ declaration, ...rest }: RoutedAlertsWithoutPolicy, config: Config): RoutedAlerts {
  return {
    ...rest,
    declaration: { ...declaration, policy: cachedPolicy(config, declaration.team, declaration.service) },
  };
}

function problemOf({ status, detail, reason, problems }: RefusedMessageReply): HttpProblem {
  return new HttpProblem(status, detail, { ...(reason === null ? {} : { reason }), problems });
}

/** Senders repeat a 503. */
const overloaded = (): HttpProblem =>
  new HttpProblem(503, 'too much at once: send it again', { headers: { 'Retry-After': '5' }, reason: 'overload' });
