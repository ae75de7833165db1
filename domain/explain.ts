/** Why somebody is paged next, or nobody is: an incident's own account of its paging. Pure. */
import { nextInChain } from './escalation.ts';
import type { Incident } from './incident.ts';
import type { PageOrder } from './orders.ts';
import { isOpen } from './phase.ts';
import type { Policy } from './policy.ts';
import { isMajor } from './severity.ts';

/**
 * `due`: the chain goes on. `over`: the incident is. `acknowledged`: somebody has it. `answered`: somebody showed work.
 * `cleared`: its alerts have. `test`: a test pages once. `exhausted`: nobody is left. `never`: such a severity pages
 * nobody. `elsewhere`: an outside service has the page and escalates by itself.
 */
export type PagingState =
  'due' | 'over' | 'acknowledged' | 'answered' | 'cleared' | 'test' | 'exhausted' | 'never' | 'elsewhere';

export interface PagingAccount {
  readonly incidentId: string;
  readonly policy: Policy;
  readonly state: PagingState;
  /** What the chain does next; null unless `due`. */
  readonly next: { readonly act: 'climb' | 'step'; readonly at: string; readonly names: readonly string[] } | null;
  readonly chain: Pick<Incident['chain'], 'cycle' | 'cycleInRun' | 'level'>;
  readonly leadershipPaged: readonly string[];
  /** Orders to page that have not been delivered yet. */
  readonly waiting: readonly (Pick<PageOrder, 'reason' | 'cycle'> & {
    readonly dueAt: string;
    readonly names: readonly string[];
  })[];
}

export function pagingAccount(incident: Incident): PagingAccount {
  const { incidentId, policy, chain, leadershipPaged, orders } = incident;
  const due = isOpen(incident.phase) ? nextInChain(incident) : null;
  const { cycle, cycleInRun, level } = chain;
  return {
    ...{ incidentId, policy, leadershipPaged },
    state: due === null ? quietBecause(incident) : 'due',
    next: due === null ? null : { act: due.act, at: rfc(due.at), names: namesOf(incident, due.act) },
    chain: { cycle, cycleInRun, level },
    waiting: orders.pages.map(({ reason, cycle: of, dueAt, targets }) => ({
      ...{ reason, cycle: of, dueAt: rfc(dueAt) },
      names: targets.flatMap(({ names }) => names),
    })),
  };
}

function quietBecause({ phase, chain, acknowledgedAt, watch, test }: Incident): PagingState {
  if (!isOpen(phase)) return 'over';
  if (!chain.open) return acknowledgedAt !== null ? 'acknowledged' : watch !== null ? 'cleared' : 'answered';
  if (test) return 'test';
  if (chain.exhausted) return 'exhausted';
  return chain.nextLevelAt === null ? 'never' : 'elsewhere';
}

/** Of the level that is paged then; from the second pass on, all levels of a SEV1 or SEV2 together. */
function namesOf({ chain, policy, severity }: Incident, act: 'climb' | 'step'): readonly string[] {
  const again = act === 'climb' && chain.level >= policy.levels.length;
  if (isMajor(severity) && (again || chain.cycleInRun > 1)) return policy.levels.flat();
  return policy.levels[act === 'step' ? chain.level - 1 : again ? 0 : chain.level] ?? [];
}

const rfc = (at: number): string => new Date(at).toISOString();
