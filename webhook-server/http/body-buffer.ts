/**
 * One growing buffer for a body. Not a list of chunks: a sender who cuts 16 MiB into single bytes would make 16 million
 * objects of it.
 */
const FIRST_BYTES = 16 * 1024;

export interface BodyBuffer {
  size(): number;
  add(chunk: Buffer): void;
  /** A view, not a copy. */
  bytes(): Buffer;
}

/** `expected`: the declared length, a hint; `limit`: never more room than this. */
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
      // One chunk is the rule: no copy then.
      if (size === 0) firstChunk = chunk;
      else chunk.copy(ensureCapacity(size + chunk.length), size);
      size += chunk.length;
    },
    bytes: () => (allocated ?? firstChunk ?? Buffer.alloc(0)).subarray(0, size),
  };
}
