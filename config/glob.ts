/**
 * Globs of routes: `*` is any text, `?` one character, `\` takes the next character as it is. Compared by hand, in time
 * bounded by pattern × text: text from outside never becomes a regular expression.
 */

/** A character that must be there, or a wildcard. */
type Token = { readonly is: 'char'; readonly char: string } | { readonly is: 'one' | 'many' };

/** True when `pattern` matches all of `text`. */
export function globMatches(pattern: string, text: string): boolean {
  if (!/[*?\\]/.test(pattern)) return pattern === text;
  return follows(tokens(pattern), [...text].map(char));
}

/** True when everything that `narrow` matches is matched by `wide` too. Never wrongly true. */
export function globCovers(wide: string, narrow: string): boolean {
  return follows(tokens(wide), tokens(narrow));
}

const char = (text: string): Token => ({ is: 'char', char: text });

function tokens(pattern: string): readonly Token[] {
  const result: Token[] = [];
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i += 1) {
    const character = characters[i] ?? '';
    if (character === '*') {
      if (result.at(-1)?.is !== 'many') result.push({ is: 'many' });
    } else if (character === '?') result.push({ is: 'one' });
    else if (character === '\\' && i + 1 < characters.length) result.push(char(characters[(i += 1)] ?? ''));
    else result.push(char(character));
  }
  return result;
}

/** Two pointers; on a mismatch the last `*` takes one more token. */
function follows(pattern: readonly Token[], text: readonly Token[]): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let retry = 0;
  while (t < text.length) {
    const want = pattern[p];
    const have = text[t];
    if (want?.is === 'many') {
      star = p;
      p += 1;
      retry = t;
    } else if (want && have && accepts(want, have)) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      retry += 1;
      t = retry;
    } else return false;
  }
  return pattern.slice(p).every(({ is }) => is === 'many');
}

function accepts(want: Token, have: Token): boolean {
  if (want.is === 'one') return have.is !== 'many';
  return want.is === 'char' && have.is === 'char' && want.char === have.char;
}
