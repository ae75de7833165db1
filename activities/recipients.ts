/** Who an order reaches: the people behind its names, each once, at the first level that names them. */
import type { Directory } from './ports.ts';
import type { PageRequest } from './types.ts';

export interface Recipient {
  readonly person: string;
  readonly level: number;
  readonly attempt: number;
}

export function recipients(
  directory: Directory,
  { incident, order }: PageRequest,
  at: number,
): { readonly people: readonly Recipient[]; readonly unknown: readonly string[] } {
  const unknown = new Set<string>();
  const behind = (names: readonly string[]) =>
    names.flatMap((name) => {
      const { known, people } = directory.resolve(name, incident.team, at);
      if (!known) unknown.add(name);
      return people;
    });
  const left = new Set(behind(order.except));
  const people: Recipient[] = [];
  for (const { level, attempt, names } of order.targets) {
    for (const person of behind(names)) {
      if (left.has(person)) continue;
      left.add(person);
      people.push({ person, level, attempt });
    }
  }
  return { people, unknown: [...unknown] };
}
