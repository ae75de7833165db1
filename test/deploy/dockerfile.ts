/** A Dockerfile as a list of instructions: comments and line continuations taken out, nothing else interpreted. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

export function parseDockerfile(text: string): readonly Instruction[] {
  return text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
      return { name: name.toUpperCase(), text: rest };
    });
}

/** Each `FROM` with what follows it; what stands before the first is left out. */
export function stagesOf(all: readonly Instruction[]): readonly (readonly Instruction[])[] {
  const begins = all.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []));
  return begins.map((begin, n) => all.slice(begin, begins[n + 1]));
}

/** Texts of the instructions of one name, in order. */
export const texts = (all: readonly Instruction[], name: string): readonly string[] =>
  all.filter((each) => each.name === name).map(({ text }) => text);

/** `ENV A=b C=d` → `{ A: 'b', C: 'd' }`. Values without blanks only. */
export function environmentOf(all: readonly Instruction[]): Readonly<Record<string, string>> {
  const pairs = texts(all, 'ENV').flatMap((text) => text.trim().split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}
