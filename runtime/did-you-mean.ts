/** "Did you mean …?": the nearest of the known words, or the words themselves. */

const MAX_LISTED = 12;

/** A remedy for `word`, which is none of `known`. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return 'nothing of that kind is defined';
  const [best] = closestWords(word, known);
  if (best !== undefined) return `did you mean "${best}"?`;
  const more = known.length > MAX_LISTED ? ' …' : '';
  return `known are ${known.slice(0, MAX_LISTED).join(', ')}${more}`;
}

/** The entries of `known` nearest to `word`, all at the same distance; none when none is near enough. */
export function closestWords(word: string, known: readonly string[]): readonly string[] {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const scored = known.map((candidate) => ({ candidate, far: distance(word, candidate) }));
  const best = Math.min(limit, ...scored.map(({ far }) => far));
  return scored.filter(({ far }) => far === best).map(({ candidate }) => candidate);
}

/**
 * The number of characters to insert, delete, replace or swap with their neighbour; case ignored. Words are cut, since a
 * long one is near to nothing anyway.
 */
function distance(one: string, other: string): number {
  const a = one.slice(0, 64).toLowerCase();
  const b = other.slice(0, 64).toLowerCase();
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
