/** Who is paged next and why, or why nobody is. Pure. */
import { nextEscalationStep } from '../escalation/escalation.ts';
import type { Incident } from '../kernel/incident.ts';
import type { PageRequest } from '../kernel/outbox.ts';
import { isOpen } from '../kernel/phase.ts';
import type { Policy } from '../kernel/policy.ts';
import { waitsForPeople } from '../kernel/queries.ts';
import { isMajor } from '../kernel/severity.ts';

/**
 * `due`: the escalation continues. `over`: the incident is over. `acknowledged`: somebody has it. `answered`: somebody
 * is active. `cleared`: all alerts have cleared. `test`: a test pages once. `exhausted`: nobody is left to page.
 * `in-doubt`: its source no longer has what fired, and people were asked. `never`: this severity pages nobody. `elsewhere`: an outside service has the page and escalates by itself.
 */
export type PagingState =
  'due' | 'over' | 'acknowledged' | 'answered' | 'cleared' | 'test' | 'exhausted' | 'never' | 'elsewhere' | 'in-doubt';

export interface PagingAccount {
  readonly incidentId: string;
  readonly policy: Policy;
  readonly state: PagingState;
  /** The next step of the escalation; null unless `due`. */
  readonly next: {
    readonly act: 'next-level' | 'next-attempt';
    readonly at: string;
    readonly names: readonly string[];
  } | null;
  readonly escalation: Pick<Incident['escalation'], 'cycle' | 'cycleInRun' | 'level'>;
  readonly leadershipPaged: readonly string[];
  /** Page requests that have not been sent yet. */
  readonly waiting: readonly (Pick<PageRequest, 'reason' | 'cycle'> & {
    readonly dueAt: string;
    readonly names: readonly string[];
  })[];
}

export function pagingAccount(incident: Incident): PagingAccount {
  const { incidentId, policy, escalation, outbox } = incident;
  const due = isOpen(incident.phase) ? nextEscalationStep(incident) : null;
  const { cycle, cycleInRun, level } = escalation;
  return {
    incidentId,
    policy,
    leadershipPaged: escalation.leadershipPaged,
    state: due === null ? quietBecause(incident) : 'due',
    next: due === null ? null : { act: due.act, at: rfc(due.at), names: namesOf(incident, due.act) },
    escalation: { cycle, cycleInRun, level },
    waiting: outbox.pages.map(({ reason, cycle: of, dueAt, targets }) => ({
      reason,
      cycle: of,
      dueAt: rfc(dueAt),
      names: targets.flatMap(({ names }) => names),
    })),
  };
}

function quietBecause(incident: Incident): PagingState {
  const { phase, escalation, acknowledgedAt, mitigation, test } = incident;
  if (!isOpen(phase)) return 'over';
  if (!escalation.open)
    return acknowledgedAt !== null ? 'acknowledged' : mitigation.monitoringWindow !== null ? 'cleared' : 'answered';
  if (test) return 'test';
  if (escalation.exhausted) return 'exhausted';
  if (waitsForPeople(incident)) return 'in-doubt';
  return escalation.nextLevelAt === null ? 'never' : 'elsewhere';
}

/** The names of the level paged then; from the second cycle on, all levels of a SEV1 or SEV2 together. */
function namesOf({ escalation, policy, severity }: Incident, act: 'next-level' | 'next-attempt'): readonly string[] {
  const again = act === 'next-level' && escalation.level >= policy.levels.length;
  if (isMajor(severity) && (again || escalation.cycleInRun > 1)) return policy.levels.flat();
  return policy.levels[act === 'next-attempt' ? escalation.level - 1 : again ? 0 : escalation.level] ?? [];
}

const rfc = (at: number): string => new Date(at).toISOString();
