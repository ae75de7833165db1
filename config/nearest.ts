/** "Did you mean …?": the nearest of the known words, or the words themselves. */

const MAX_LISTED = 12;

/** A remedy for `word`, which is none of `known`. */
export function nearest(word: string, known: readonly string[]): string {
  if (known.length === 0) return 'nothing of that kind is defined';
  const limit = Math.max(1, Math.floor(word.length / 3));
  const scored = known.map((candidate) => ({ candidate, distance: distance(word, candidate) }));
  const best = scored.reduce((a, b) => (b.distance < a.distance ? b : a));
  if (best.distance <= limit) return `did you mean "${best.candidate}"?`;
  const more = known.length > MAX_LISTED ? ' …' : '';
  return `known are ${known.slice(0, MAX_LISTED).join(', ')}${more}`;
}

/** Levenshtein, case ignored; the words are cut, since a long one is near to nothing anyway. */
function distance(one: string, other: string): number {
  const a = one.slice(0, 64).toLowerCase();
  const b = other.slice(0, 64).toLowerCase();
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
