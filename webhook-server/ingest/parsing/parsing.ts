/**
 * Reads senders' messages: small ones on the event loop, large ones in a thread. Either way the routed alerts come in
 * pieces, with a turn of the event loop between them.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import type { Logger } from 'pino';
import { Piscina } from 'piscina';
import type { Config } from '../../../config/config.ts';
import { HttpProblem } from '../../http/problem.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import type { ParseTask, RejectedBody } from './parse-thread.ts';
import type { SourceName } from '../../../config/sections/sources.ts';
import { parseJson } from '../../http/body.ts';
import { readMessage, type ReadMessage } from '../pipeline.ts';

export interface ParsingOptions {
  readonly log: Pick<Logger, 'error'>;
  /** The thread's compiled file; null for uncompiled sources, where everything is read on the event loop. */
  readonly threadFile?: string | null;
  readonly withinMs?: number;
  /** Larger bodies go to the thread. */
  readonly largeBodyBytes?: number;
}

/** A body of this size takes about 15 ms on the event loop. */
export const LARGE_BODY_BYTES = 256 * 1024;
/** For queueing and parsing a message together, then for each piece. Ten thousand alerts take half a second. */
const READ_WITHIN_MS = 5000;
/** The thread loads slowly: neither the first large message nor the server's start should wait for it. */
const WARM_AFTER_MS = 3000;
/** Each is up to 16 MiB. */
const WAITING_AT_MOST = 7;
/** Several times what 16 MiB of JSON need: a bomb ends the thread, not the process. */
const HEAP_MB = 1024;

/** Beside this file, or below or beside the file into which it was compiled. */
const COMPILED_FILE_PATHS = [
  './parse-thread.js',
  './webhook-server/ingest/parsing/parse-thread.js',
  '../webhook-server/ingest/parsing/parse-thread.js',
];

export class Parsing {
  private readonly log: ParsingOptions['log'];
  private readonly threadFile: string | null;
  private readonly withinMs: number;
  private readonly largeBodyBytes: number;
  private readonly warmUp: NodeJS.Timeout;
  private startedPool: Piscina<ParseTask, MessageExtras | RejectedBody> | null = null;
  private isClosed = false;

  constructor({
    log,
    threadFile = findThreadFile(),
    withinMs = READ_WITHIN_MS,
    largeBodyBytes = LARGE_BODY_BYTES,
  }: ParsingOptions) {
    this.log = log;
    this.threadFile = threadFile;
    this.withinMs = withinMs;
    this.largeBodyBytes = largeBodyBytes;
    this.warmUp = setTimeout(() => threadFile !== null && this.pool(threadFile), WARM_AFTER_MS);
    this.warmUp.unref();
  }

  /**
   * The routed alerts of one message, followed by what else it says. May throw `HttpProblem` before the first piece:
   * 400 for an unreadable message, 503 when too many large messages wait or one takes too long.
   */
  parse(received: ReceivedBody, config: Config): AsyncGenerator<readonly RoutedAlerts[], MessageExtras> {
    const isLarge = received.bytes.length > this.largeBodyBytes;
    return this.threadFile !== null && isLarge
      ? this.parseInThread(this.threadFile, received, config)
      : parseInProcess(received, config);
  }

  /** Ends the thread; the message that it is reading is refused with a 503. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.warmUp);
    await this.startedPool?.destroy();
  }

  /** One thread, one message at a time, a bounded queue behind it. A thread that dies is replaced. */
  private pool(filename: string): NonNullable<Parsing['startedPool']> {
    this.startedPool ??= new Piscina<ParseTask, MessageExtras | RejectedBody>({
      filename,
      minThreads: 1,
      maxThreads: 1,
      maxQueue: WAITING_AT_MOST,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    }).on('error', (err) => this.log.error({ err }, 'the parsing thread failed'));
    return this.startedPool;
  }

  private async *parseInThread(
    threadFile: string,
    received: ReceivedBody,
    config: Config,
  ): AsyncGenerator<readonly RoutedAlerts[], MessageExtras> {
    if (this.isClosed) throw overloaded();
    const { port1: pieces, port2: port } = new MessageChannel();
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), this.withinMs);
    try {
      const finished = this.pool(threadFile).run(
        { received, config, port },
        { transferList: [port], signal: giveUp.signal },
      );
      for (;;) {
        const answer = await Promise.race([finished, once(pieces, 'message')]);
        timer.refresh();
        if (!Array.isArray(answer)) return extrasOf(answer);
        yield answer[0] as readonly RoutedAlerts[];
        await turn();
        pieces.postMessage('more');
      }
    } catch (err) {
      if (err instanceof HttpProblem) throw err;
      const { bytes, source } = received;
      // Refusals under load are logged once a second, with all others.
      const isOverload = this.isClosed || (err instanceof Error && /queue/i.test(err.message));
      if (!isOverload) this.log.error({ err, bytes: bytes.length, source }, 'a large message could not be read');
      throw overloaded();
    } finally {
      clearTimeout(timer);
      pieces.close();
      giveUp.abort(); // for a caller that has not taken all pieces
    }
  }
}

function extrasOf(answer: MessageExtras | RejectedBody): MessageExtras {
  if (!('rejected' in answer)) return answer;
  const { status, detail, extras } = answer.rejected;
  throw new HttpProblem(status, detail, extras);
}

async function* parseInProcess(
  received: ReceivedBody,
  config: Config,
): AsyncGenerator<readonly RoutedAlerts[], MessageExtras> {
  const { routedAlerts, ...extras } = readBody(received, config);
  let isFirst = true;
  for (const piece of splitIntoPieces(routedAlerts)) {
    if (!isFirst) await turn();
    isFirst = false;
    yield piece;
  }
  return extras;
}

function findThreadFile(): string | null {
  const files = COMPILED_FILE_PATHS.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return files.find((file) => existsSync(file)) ?? null;
}

/** Senders retry a 503. */
const overloaded = (): HttpProblem =>
  new HttpProblem(503, 'too much at once: send it again', { headers: { 'Retry-After': '5' }, reason: 'overload' });

/** A message as received. All of it can be cloned into a thread. */
export interface ReceivedBody {
  readonly bytes: Uint8Array;
  readonly source: SourceName;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/** What a message says apart from its routed alerts. */
export type MessageExtras = Omit<ReadMessage, 'routedAlerts'>;

/** Throws as `readMessage` does, and 400 for invalid JSON. */
export function readBody({ bytes, source, receivedAt }: ReceivedBody, config: Config): ReadMessage {
  const body = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return readMessage(body, { config, source, receivedAt });
}

/** About a quarter of a megabyte: delivering it takes a few milliseconds. */
const ALERTS_A_PIECE = 250;
/** Each includes a declaration. */
const ROUTED_A_PIECE = 100;

/**
 * Routed alerts in pieces that can be delivered one after another without blocking the event loop. Pieces of one
 * incident share its declaration. Pure.
 */
export function* splitIntoPieces(routedAlerts: readonly RoutedAlerts[]): Generator<readonly RoutedAlerts[], undefined> {
  let piece: RoutedAlerts[] = [];
  let alerts = 0;
  for (const part of routedAlerts.flatMap(splitLargeGroup)) {
    if (piece.length > 0 && (alerts + part.alerts.length > ALERTS_A_PIECE || piece.length === ROUTED_A_PIECE)) {
      yield piece;
      piece = [];
      alerts = 0;
    }
    piece.push(part);
    alerts += part.alerts.length;
  }
  if (piece.length > 0) yield piece;
}

/** Firing alerts go first, so that it never looks as if all had resolved. */
function splitLargeGroup(routed: RoutedAlerts): readonly RoutedAlerts[] {
  const { alerts } = routed;
  if (alerts.length <= ALERTS_A_PIECE) return [routed];
  const isFiring = ({ status }: { readonly status: string }): boolean => status === 'firing';
  const ordered = [...alerts.filter(isFiring), ...alerts.filter((alert) => !isFiring(alert))];
  const starts = Array.from({ length: Math.ceil(ordered.length / ALERTS_A_PIECE) }, (_, n) => n * ALERTS_A_PIECE);
  return starts.map((start) => ({ ...routed, alerts: ordered.slice(start, start + ALERTS_A_PIECE) }));
}
