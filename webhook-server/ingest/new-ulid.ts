/** ULIDs at the edge. The library alone asks the system for randomness once a character: 50 µs on every alert's way. */
import { randomFillSync } from 'node:crypto';
import { ulid } from 'ulid';

const pool = new Uint8Array(1024);
let used = pool.length;

function random(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const byte = pool[used] ?? 0;
  used += 1;
  // 256 is a multiple of the 32 letters, so each is as likely as the next.
  return byte / 256;
}

/** `at`: epoch ms, which it sorts by. */
export const newUlid = (at: number): string => ulid(at, random);
