/**
 * Reads bodies: JSON in UTF-8, never compressed, bounded in size and depth. We avoid express.raw(): it reads an
 * oversized body to the end before it answers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpProblem } from './problem.ts';

export const WEBHOOK_BODY_LIMIT = 16 * 1024 * 1024;
export const BODY_LIMIT = 256 * 1024;

/** `application/json`, alone or with `charset=utf-8`. */
const JSON_UTF8 = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i;

interface BodyReadHooks {
  /** Called with the number of bytes so far, before they are kept; an error thrown here ends the reading. */
  readonly onBytes?: (bytes: number) => void;
  /** Called with the bytes read so far when the body was refused. */
  readonly onRefused?: (beginning: Buffer) => void;
}

/** The Content-Length; 0 when there is none. Node has checked that it is a number. */
export const declaredLength = (req: IncomingMessage): number => Number(req.headers['content-length'] ?? 0);

/** The bytes. Throws 413 as soon as the limit is exceeded, 400 when the sender disconnects. */
export function readBytes(
  req: IncomingMessage,
  limit: number,
  { onBytes, onRefused }: BodyReadHooks = {},
): Promise<Buffer> {
  const declared = declaredLength(req);
  if (declared > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const buffer = createBodyBuffer(declared, limit);
    const onData = (chunk: Buffer): void => {
      const size = buffer.size() + chunk.length;
      try {
        if (size > limit) throw tooLarge(limit);
        onBytes?.(size);
        buffer.add(chunk);
      } catch (error) {
        removeListeners();
        onRefused?.(buffer.bytes());
        reject(error instanceof Error ? error : cutOff());
      }
    };
    const onEnd = (): void => {
      removeListeners();
      resolve(buffer.bytes());
    };
    const onCutOff = (): void => {
      removeListeners();
      reject(cutOff());
    };
    // An idle connection keeps its last request alive, and through our listeners the body too.
    const removeListeners = (): void =>
      void req.off('data', onData).off('end', onEnd).off('error', onCutOff).off('close', onCutOff);
    req.on('data', onData).once('end', onEnd).once('error', onCutOff).once('close', onCutOff);
  });
}

/** Reads a body that has not been read yet: at most `limit` bytes, within `ms`. Never throws. */
export function readBeginning(req: IncomingMessage, limit: number, ms: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const buffer = createBodyBuffer(0, limit);
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      req.off('data', onData).off('end', done).off('close', done).off('error', done);
      req.pause();
      resolve(buffer.bytes());
    }
    function onData(chunk: Buffer): void {
      buffer.add(chunk.subarray(0, limit - buffer.size()));
      if (buffer.size() >= limit) done();
    }
    if (req.readableEnded || req.destroyed) done();
    else req.on('data', onData).once('end', done).once('close', done).once('error', done);
  });
}

/** Throws 415 unless the request declares JSON in UTF-8. */
export function requireJson(req: IncomingMessage): void {
  if (JSON_UTF8.test(req.headers['content-type'] ?? '')) return;
  throw new HttpProblem(415, 'send application/json in UTF-8', { reason: 'content_type' });
}

/** `text/markdown` of any flavour; UTF-8, declared or by default. */
const MARKDOWN = /^text\/markdown\s*(?:;|$)/i;
const OTHER_CHARSET = /;\s*charset\s*=\s*(?!"?utf-8"?\s*(?:;|$))/i;

/** Throws 415 unless the request declares Markdown, in no charset other than UTF-8. */
export function requireMarkdown({ headers }: IncomingMessage): void {
  const type = headers['content-type'] ?? '';
  if (MARKDOWN.test(type) && !OTHER_CHARSET.test(type)) return;
  throw new HttpProblem(415, 'send text/markdown in UTF-8', { reason: 'content_type' });
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The value. Throws 400; the message never repeats the body. */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw invalidBody('the body is empty', 'empty');
  if (isDeeperThan(DEPTH_LIMIT, bytes)) throw invalidBody(`nested deeper than ${DEPTH_LIMIT} levels`, 'too_deep');
  const text = decodeText(bytes);
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody('not valid JSON', 'json');
  }
}

/** Throws 400. */
export function decodeText(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw invalidBody('not valid UTF-8', 'utf8');
  }
}

const invalidBody = (message: string, reason: string): HttpProblem =>
  new HttpProblem(400, message, { reason, problems: [{ at: '', message }] });

const cutOff = (): HttpProblem => new HttpProblem(400, 'the request ended before its body', { reason: 'cut_off' });

const tooLarge = (limit: number): HttpProblem =>
  new HttpProblem(413, `the body is larger than ${limit} bytes`, { reason: 'too_large' });

const FIRST_BYTES = 16 * 1024;

interface BodyBuffer {
  size(): number;
  add(chunk: Buffer): void;
  /** A view, not a copy. */
  bytes(): Buffer;
}

/** `expected`: the declared length, a hint; `limit`: never allocate more than this. */
export function createBodyBuffer(expected: number, limit: number): BodyBuffer {
  let allocated: Buffer | null = null;
  let firstChunk: Buffer | null = null;
  let size = 0;
  const ensureCapacity = (wanted: number): Buffer => {
    if (allocated !== null && allocated.length >= wanted) return allocated;
    const doubled = Math.max(wanted, FIRST_BYTES, (allocated?.length ?? 0) * 2);
    const larger = Buffer.allocUnsafe(
      Math.min(Math.max(doubled, allocated === null ? expected : 0), Math.max(limit, wanted)),
    );
    (allocated ?? firstChunk)?.copy(larger, 0, 0, size);
    allocated = larger;
    return larger;
  };
  return {
    size: () => size,
    add(chunk) {
      // Usually a single chunk: no copy then.
      if (size === 0) firstChunk = chunk;
      else chunk.copy(ensureCapacity(size + chunk.length), size);
      size += chunk.length;
    },
    bytes: () => (allocated ?? firstChunk ?? Buffer.alloc(0)).subarray(0, size),
  };
}

const DRAIN_MS = 1000;

export function drainAfterResponse(req: IncomingMessage, res: ServerResponse): void {
  res.once('finish', () => {
    if (req.complete) return;
    req.resume();
    const hangUp = setTimeout(() => req.socket.destroy(), DRAIN_MS);
    req.once('end', () => clearTimeout(hangUp));
    req.once('close', () => clearTimeout(hangUp));
  });
}

const DEPTH_LIMIT = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * True when brackets outside of strings nest deeper than `limit`. Counted on the bytes (UTF-8) before they are parsed:
 * `JSON.parse` survives deep nesting, but it overflows the stack later, where an alert would be lost.
 */
function isDeeperThan(limit: number, json: Uint8Array): boolean {
  let depth = 0;
  for (let i = 0; i < json.length; i += 1) {
    const byte = json[i];
    if (byte === QUOTE) i = endOfString(json, i);
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return false;
}

/** The closing quote of the string that opens at `start`. */
export function endOfString(json: Uint8Array, start: number): number {
  let i = start + 1;
  while (i < json.length && json[i] !== QUOTE) i += json[i] === BACKSLASH ? 2 : 1;
  return i;
}
