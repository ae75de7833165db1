/**
 * Keeps rejected messages for people to examine: a directory of small files, the oldest of which are deleted. A file is
 * one line of JSON (time, source, reason) followed by the body as received. File names are ours, never from a message.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../../config/config.ts';

export interface DeadLetter {
  /** Epoch ms. */
  readonly at: number;
  readonly source: string;
  readonly reason: string;
  readonly status: number;
  /** The peer's address, from the socket. */
  readonly from: string | null;
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  /** The declared length; null: none. */
  readonly declaredBytes: number | null;
  readonly body: Buffer;
  /** Whether `body` is complete. */
  readonly whole: boolean;
}

export interface DeadLetterLimits {
  readonly files: number;
  readonly bytes: number;
  readonly bodyBytes: number;
}

const MIB = 1024 * 1024;
const LIMITS: DeadLetterLimits = { files: 200, bytes: 64 * MIB, bodyBytes: MIB };
/** If more than this wait for the disk, it is broken or too slow. */
const WAITING_LIMIT = 8;
/** Senders retry: the same body again adds nothing, and would push out those of others. */
const REPEAT_MS = 10 * 60_000;
const REPEATS_KNOWN = 200;

interface Kept {
  readonly name: string;
  readonly bytes: number;
}

const NAME = /^\d{8}T\d{9}Z-[0-9a-f]{12}\.rejected$/;

export interface DeadLetterStoreOptions {
  readonly directory: string;
  readonly onProblem: (error: unknown) => void;
  readonly limits?: DeadLetterLimits;
}

export class DeadLetterStore {
  private readonly options: Required<DeadLetterStoreOptions>;
  private readonly recentlyKept = new Map<string, number>();
  private kept: Kept[] | null = null;
  private waiting = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(options: DeadLetterStoreOptions) {
    this.options = { limits: LIMITS, ...options };
  }

  /** Never throws. True when it is on the disk, false when it is a repeat or could not be kept. */
  async keep(message: DeadLetter, secrets: readonly string[]): Promise<boolean> {
    if (this.waiting >= WAITING_LIMIT || isRepeat(this.recentlyKept, message)) return false;
    this.waiting += 1;
    const writing = this.turn.then(() => this.write(message, secrets));
    this.turn = writing.catch(() => undefined);
    try {
      await writing;
      return true;
    } catch (error) {
      this.recentlyKept.delete(keyOf(message)); // it was not kept, so the same body again is no repeat
      this.options.onProblem(error);
      return false;
    } finally {
      this.waiting -= 1;
    }
  }

  private async write(message: DeadLetter, secrets: readonly string[]): Promise<void> {
    const { directory, limits } = this.options;
    this.kept ??= await open(directory);
    const bytes = fileOf(message, secrets, limits.bodyBytes);
    const name = `${new Date(message.at).toISOString().replace(/[-:.]/g, '')}-${randomBytes(6).toString('hex')}.rejected`;
    const path = join(directory, name);
    try {
      await writeFile(path, bytes, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      await rm(path, { force: true }).catch(() => undefined);
      throw error;
    }
    this.kept.push({ name, bytes: bytes.length });
    await forgetOldest(this.kept, directory, limits);
  }
}

/** The existing files, oldest first: their names sort by time. */
async function open(directory: string): Promise<Kept[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const names = (await readdir(directory)).filter((name) => NAME.test(name)).sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(directory, name))).size })));
}

async function forgetOldest(kept: Kept[], directory: string, { files, bytes }: DeadLetterLimits): Promise<void> {
  let total = kept.reduce((sum, file) => sum + file.bytes, 0);
  while (kept.length > 1 && (kept.length > files || total > bytes)) {
    const [oldest] = kept;
    if (!oldest) return;
    await rm(join(directory, oldest.name), { force: true });
    kept.shift();
    total -= oldest.bytes;
  }
}

/** Redacted before it is truncated, so that no half of a secret remains. */
function fileOf({ body, at, ...about }: DeadLetter, secrets: readonly string[], limit: number): Buffer {
  const longest = Math.max(0, ...secrets.map((secret) => Buffer.byteLength(secret)));
  const clean = redact(body.subarray(0, limit + longest), secrets).subarray(0, limit);
  const whole = about.whole && body.length <= limit;
  const head = { at: new Date(at).toISOString(), ...about, whole, bytes: body.length };
  return Buffer.concat([redact(Buffer.from(`${JSON.stringify(head)}\n`), secrets), clean]);
}

function keyOf({ source, reason, body }: DeadLetter): string {
  return createHash('sha256').update(`${source}\n${reason}\n`).update(body).digest('base64');
}

function isRepeat(recentlyKept: Map<string, number>, message: DeadLetter): boolean {
  const { at } = message;
  const key = keyOf(message);
  const last = recentlyKept.get(key);
  if (last !== undefined && at - last < REPEAT_MS) return true;
  recentlyKept.delete(key);
  recentlyKept.set(key, at);
  for (const oldest of recentlyKept.size > REPEATS_KNOWN ? recentlyKept.keys() : []) {
    recentlyKept.delete(oldest);
    break;
  }
  return false;
}

const MASK = Buffer.from('***');

/** Every secret of every source, the longest first, so that one that contains another is replaced whole. */
export function secretsOf({ sources }: Config): readonly string[] {
  const secrets = [...sources.values()].flatMap(({ token, hmacSecret, routingKeys }) => [
    ...[token ?? '', hmacSecret ?? ''],
    ...routingKeys.map(({ key }) => key),
  ]);
  return secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
}

/** `bytes` itself when there is nothing to redact. */
function redact(bytes: Buffer, secrets: readonly string[]): Buffer {
  let clean = bytes;
  for (const secret of secrets) if (clean.includes(secret)) clean = without(clean, Buffer.from(secret));
  return clean;
}

function without(bytes: Buffer, secret: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(secret); at >= 0; at = bytes.indexOf(secret, from)) {
    parts.push(bytes.subarray(from, at), MASK);
    from = at + secret.length;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}
