/** Who an order reaches: the people behind its names, each once, at the first level that names them. */
import type { Directory } from './ports.ts';
import type { PageActivityInput } from './types.ts';

export interface Recipient {
  readonly person: string;
  readonly level: number;
  readonly attempt: number;
}

export function recipientsOf(
  directory: Directory,
  { incident, pageRequest }: PageActivityInput,
  at: number,
): { readonly people: readonly Recipient[]; readonly unknown: readonly string[] } {
  const unknown = new Set<string>();
  const peopleNamedBy = (names: readonly string[]) =>
    names.flatMap((name) => {
      const { isKnown, people } = directory.resolve(name, incident.team, at);
      if (!isKnown) unknown.add(name);
      return people;
    });
  const alreadyCovered = new Set(peopleNamedBy(pageRequest.except));
  const people: Recipient[] = [];
  for (const { level, attempt, names } of pageRequest.targets) {
    for (const person of peopleNamedBy(names)) {
      if (alreadyCovered.has(person)) continue;
      alreadyCovered.add(person);
      people.push({ person, level, attempt });
    }
  }
  return { people, unknown: [...unknown] };
}
