/** The faults: who is killed or paused, and when. Made from the seed alone, so that a run can be repeated. */
import type { Random } from './seeded-random.ts';

export const VICTIMS = ['server-0', 'server-1', 'worker-0', 'worker-1', 'temporal'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Fault {
  /** After the start of the load, ms. */
  readonly at: number;
  readonly victims: readonly Victim[];
  /** `kill`: SIGKILL, then started again; `pause`: SIGSTOP, then SIGCONT. */
  readonly act: 'kill' | 'pause';
  /** How long it stays away, ms. */
  readonly forMs: number;
}

const FIRST_AT_MS = 4_000;
const CALM_MS = [3_000, 9_000] as const;
const AWAY_MS = [300, 9_000] as const;

/** One fault after the other, none longer than the load. */
export function planFaults(random: Random, lastsMs: number): readonly Fault[] {
  const faults: Fault[] = [];
  for (let at = FIRST_AT_MS; ;) {
    const forMs = AWAY_MS[0] + random.below(AWAY_MS[1] - AWAY_MS[0]);
    if (at + forMs > lastsMs) return faults;
    const victims = random.below(4) === 0 ? several(random) : [random.pick(VICTIMS)];
    faults.push({ at, victims, act: random.below(3) === 0 ? 'pause' : 'kill', forMs });
    at += forMs + CALM_MS[0] + random.below(CALM_MS[1] - CALM_MS[0]);
  }
}

/** Two to all of them at once. */
function several(random: Random): readonly Victim[] {
  const left = [...VICTIMS];
  const count = 2 + random.below(left.length - 1);
  return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)).flat();
}
