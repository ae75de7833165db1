/**
 * Reads bodies: JSON in UTF-8, never compressed, bounded in size and depth. Not express.raw(): on a body that is too
 * large that one reads to the end of it before it answers.
 */
import type { IncomingMessage } from 'node:http';
import { DEPTH_LIMIT, isDeeperThan } from './depth.ts';
import { HttpProblem } from './problem.ts';

export const WEBHOOK_BODY_LIMIT = 16 * 1024 * 1024;
export const BODY_LIMIT = 256 * 1024;

/** `application/json`, alone or with `charset=utf-8`. */
const JSON_UTF8 = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i;

/** The bytes. Throws 413 as soon as the limit is known to be passed, 400 when the sender goes away. */
export function readBytes(req: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) {
        req.off('data', onData);
        chunks.length = 0;
        reject(tooLarge(limit));
      } else chunks.push(chunk);
    };
    req.on('data', onData);
    // One chunk is the rule: no copy then.
    req.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)));
    req.once('error', () => reject(cutOff()));
    req.once('close', () => reject(cutOff()));
  });
}

/** Throws 415 unless the request says that it carries JSON in UTF-8. */
export function insistOnJson(req: IncomingMessage): void {
  if (JSON_UTF8.test(req.headers['content-type'] ?? '')) return;
  throw new HttpProblem(415, 'send application/json in UTF-8', { reason: 'content_type' });
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The value. Throws 400; the message never repeats the body. */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw broken('the body is empty', 'empty');
  if (isDeeperThan(DEPTH_LIMIT, bytes)) throw broken(`nested deeper than ${DEPTH_LIMIT} levels`, 'too_deep');
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    throw broken('not valid UTF-8', 'utf8');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw broken('not valid JSON', 'json');
  }
}

const broken = (message: string, reason: string): HttpProblem =>
  new HttpProblem(400, message, { reason, problems: [{ at: '', message }] });

const cutOff = (): HttpProblem => new HttpProblem(400, 'the request ended before its body', { reason: 'cut_off' });

const tooLarge = (limit: number): HttpProblem =>
  new HttpProblem(413, `the body is larger than ${limit} bytes`, { reason: 'too_large' });
