/**
 * One growing buffer for a body. Not a list of chunks: a sender who cuts 16 MiB into single bytes would make 16 million
 * objects of it.
 */
const FIRST_BYTES = 16 * 1024;

export interface Gathered {
  size(): number;
  add(chunk: Buffer): void;
  /** A view, not a copy. */
  bytes(): Buffer;
}

/** `expected`: the declared length, a hint; `limit`: never more room than this. */
export function createGathered(expected: number, limit: number): Gathered {
  let room: Buffer | null = null;
  let only: Buffer | null = null;
  let size = 0;
  const makeRoom = (wanted: number): Buffer => {
    if (room !== null && room.length >= wanted) return room;
    const doubled = Math.max(wanted, FIRST_BYTES, (room?.length ?? 0) * 2);
    const larger = Buffer.allocUnsafe(
      Math.min(Math.max(doubled, room === null ? expected : 0), Math.max(limit, wanted)),
    );
    (room ?? only)?.copy(larger, 0, 0, size);
    room = larger;
    return larger;
  };
  return {
    size: () => size,
    add(chunk) {
      // One chunk is the rule: no copy then.
      if (size === 0) only = chunk;
      else chunk.copy(makeRoom(size + chunk.length), size);
      size += chunk.length;
    },
    bytes: () => (room ?? only ?? Buffer.alloc(0)).subarray(0, size),
  };
}
