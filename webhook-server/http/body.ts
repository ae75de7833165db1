/**
 * Reads bodies: JSON in UTF-8, never compressed, bounded in size and depth. Not express.raw(): on a body that is too
 * large that one reads to the end of it before it answers.
 */
import type { IncomingMessage } from 'node:http';
import { DEPTH_LIMIT, isDeeperThan } from './depth.ts';
import { createGathered } from './gather.ts';
import { HttpProblem } from './problem.ts';

export const WEBHOOK_BODY_LIMIT = 16 * 1024 * 1024;
export const BODY_LIMIT = 256 * 1024;

/** `application/json`, alone or with `charset=utf-8`. */
const JSON_UTF8 = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i;

export interface ReadWatch {
  /** Called with the bytes so far, before they are kept; what it throws ends the reading. */
  readonly grow?: (bytes: number) => void;
  /** Called with what had come when the body was refused. */
  readonly cut?: (beginning: Buffer) => void;
}

/** The Content-Length; 0 when there is none. Node has checked that it is a number. */
export const declaredLength = (req: IncomingMessage): number => Number(req.headers['content-length'] ?? 0);

/** The bytes. Throws 413 as soon as the limit is known to be passed, 400 when the sender goes away. */
export function readBytes(req: IncomingMessage, limit: number, { grow, cut }: ReadWatch = {}): Promise<Buffer> {
  const declared = declaredLength(req);
  if (declared > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const gathered = createGathered(declared, limit);
    const onData = (chunk: Buffer): void => {
      const size = gathered.size() + chunk.length;
      try {
        if (size > limit) throw tooLarge(limit);
        grow?.(size);
        gathered.add(chunk);
      } catch (error) {
        letGo();
        cut?.(gathered.bytes());
        reject(error instanceof Error ? error : cutOff());
      }
    };
    const onEnd = (): void => {
      letGo();
      resolve(gathered.bytes());
    };
    const onCutOff = (): void => {
      letGo();
      reject(cutOff());
    };
    // A connection that rests keeps its last request, and with our listeners it would keep the body.
    const letGo = (): void =>
      void req.off('data', onData).off('end', onEnd).off('error', onCutOff).off('close', onCutOff);
    req.on('data', onData).once('end', onEnd).once('error', onCutOff).once('close', onCutOff);
  });
}

/** What comes of a body that nobody has begun to read: at most `limit` bytes, within `ms`. Never throws. */
export function readBeginning(req: IncomingMessage, limit: number, ms: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const gathered = createGathered(0, limit);
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      req.off('data', onData).off('end', done).off('close', done).off('error', done);
      req.pause();
      resolve(gathered.bytes());
    }
    function onData(chunk: Buffer): void {
      gathered.add(chunk.subarray(0, limit - gathered.size()));
      if (gathered.size() >= limit) done();
    }
    if (req.readableEnded || req.destroyed) done();
    else req.on('data', onData).once('end', done).once('close', done).once('error', done);
  });
}

/** Throws 415 unless the request says that it carries JSON in UTF-8. */
export function insistOnJson(req: IncomingMessage): void {
  if (JSON_UTF8.test(req.headers['content-type'] ?? '')) return;
  throw new HttpProblem(415, 'send application/json in UTF-8', { reason: 'content_type' });
}

/** `text/markdown` with whatever flavour; in UTF-8, said or not. */
const MARKDOWN = /^text\/markdown\s*(?:;|$)/i;
const OTHER_CHARSET = /;\s*charset\s*=\s*(?!"?utf-8"?\s*(?:;|$))/i;

/** Throws 415 unless the request says that it carries Markdown, in no other letters than UTF-8. */
export function insistOnMarkdown({ headers }: IncomingMessage): void {
  const type = headers['content-type'] ?? '';
  if (MARKDOWN.test(type) && !OTHER_CHARSET.test(type)) return;
  throw new HttpProblem(415, 'send text/markdown in UTF-8', { reason: 'content_type' });
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The value. Throws 400; the message never repeats the body. */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw broken('the body is empty', 'empty');
  if (isDeeperThan(DEPTH_LIMIT, bytes)) throw broken(`nested deeper than ${DEPTH_LIMIT} levels`, 'too_deep');
  const text = decodeText(bytes);
  try {
    return JSON.parse(text);
  } catch {
    throw broken('not valid JSON', 'json');
  }
}

/** Throws 400. */
export function decodeText(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw broken('not valid UTF-8', 'utf8');
  }
}

const broken = (message: string, reason: string): HttpProblem =>
  new HttpProblem(400, message, { reason, problems: [{ at: '', message }] });

const cutOff = (): HttpProblem => new HttpProblem(400, 'the request ended before its body', { reason: 'cut_off' });

const tooLarge = (limit: number): HttpProblem =>
  new HttpProblem(413, `the body is larger than ${limit} bytes`, { reason: 'too_large' });
