/**
 * The other end of the parsing thread: one message at a time, a bounded queue behind it, and a new thread when one dies
 * or takes too long over a message.
 */
import { existsSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../config/config.ts';
import type { RoutedAlerts } from '../gateway.ts';
import { HttpProblem } from '../http/problem.ts';
import { policyOf } from '../policy-cache.ts';
import type { Parsing, ParsingOptions } from './parsing.ts';
import type { LightRoutedAlerts, Refused, ToThread } from './protocol.ts';
import { NOTHING_ASIDE, type Aside, type Sent } from './read-message.ts';
import { startThread, type Thread } from './thread.ts';

/** Beside this file, or below or beside the file it was compiled into. */
const PLACES = [
  './parse-thread.js',
  './webhook-server/parsing/parse-thread.js',
  '../webhook-server/parsing/parse-thread.js',
];

/** For a message's turn and its parsing together, then for each piece. Ten thousand alerts take half a second. */
const READ_WITHIN_MS = 5000;
const WARM_AFTER_MS = 3000;
/** Each is up to 16 MiB. */
const WAITING_AT_MOST = 8;

export function parseThreadFile(): string | null {
  const files = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return files.find((file) => existsSync(file)) ?? null;
}

export interface ParseClientOptions {
  readonly log: ParsingOptions['log'];
  /** The thread's compiled file. */
  readonly file: string;
  readonly withinMs?: number;
}

export function createParseClient({ log, file, withinMs = READ_WITHIN_MS }: ParseClientOptions): Parsing {
  let thread: Thread | null = null;
  let turns: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let ids = 0;
  let closed = false;

  /** It takes a while to load: the first large message should not wait for it, nor the start of the server. */
  const warmUp = setTimeout(() => (thread ??= startThread(file)), WARM_AFTER_MS);
  warmUp.unref();

  /** Resolves when everybody before has finished; `release` lets the next one in. */
  async function enter(): Promise<() => void> {
    if (closed || waiting >= WAITING_AT_MOST) throw notNow();
    waiting += 1;
    const before = turns;
    let leave: () => void = () => undefined;
    turns = new Promise<void>((resolve) => (leave = resolve));
    await before;
    return () => {
      waiting -= 1;
      leave();
    };
  }

  async function* read(sent: Sent, config: Config): AsyncGenerator<readonly RoutedAlerts[], Aside> {
    const giveUpAt = Date.now() + withinMs;
    const leave = await enter();
    try {
      if (closed || Date.now() >= giveUpAt) throw notNow();
      if (thread === null || thread.gone()) thread = startThread(file);
      return yield* inPieces(thread, { sent, config, giveUpAt });
    } catch (error) {
      if (error instanceof HttpProblem) throw error;
      log.error({ err: error, bytes: sent.bytes.length, source: sent.source }, 'a large message could not be read');
      await thread?.end();
      throw notNow();
    } finally {
      leave();
    }
  }

  interface Task {
    readonly sent: Sent;
    readonly config: Config;
    readonly giveUpAt: number;
  }

  async function* inPieces(
    reader: Thread,
    { sent, config, giveUpAt }: Task,
  ): AsyncGenerator<readonly RoutedAlerts[], Aside> {
    const id = (ids += 1);
    let told: ToThread = { id, read: sent, config: reader.config === config ? null : config };
    reader.config = config;
    for (;;) {
      const answer = await reader.ask(told, 'read' in told ? giveUpAt - Date.now() : withinMs);
      if ('refused' in answer) throw problemOf(answer.refused);
      if ('failed' in answer) throw new Error(answer.failed);
      if (answer.piece.length > 0) yield answer.piece.map((light) => withPolicy(light, config));
      if (answer.last) return answer.aside ?? NOTHING_ASIDE;
      await turn();
      told = { id, next: true };
    }
  }

  return {
    read,
    async close() {
      closed = true;
      clearTimeout(warmUp);
      await thread?.end();
    },
  };
}

function withPolicy({ opening, ...rest }: LightRoutedAlerts, config: Config): RoutedAlerts {
  return { ...rest, opening: { ...opening, policy: policyOf(config, opening.team, opening.service) } };
}

function problemOf({ status, detail, reason, problems }: Refused): HttpProblem {
  return new HttpProblem(status, detail, { ...(reason === null ? {} : { reason }), problems });
}

/** Senders repeat a 503. */
const notNow = (): HttpProblem =>
  new HttpProblem(503, 'too much at once: send it again', { headers: { 'Retry-After': '5' }, reason: 'overload' });
