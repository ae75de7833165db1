/** What an incident does to its users, as far as people know. Pure. */
import type { Command } from './commands.ts';
import type { Severity } from './severity.ts';

/** Null where nobody knows. */
export interface Impact {
  readonly summary: string;
  readonly scope: 'all' | 'subset' | null;
  readonly usersAffected: number | null;
  readonly dataLoss: boolean | null;
  /** As people write it: "$45000". */
  readonly revenueLost: string | null;
}

/** What was said before stays, where nothing new is said. */
export function assessed(before: Impact | null, said: Command & { type: 'assessImpact' }): Impact {
  return {
    summary: said.summary,
    scope: said.scope ?? before?.scope ?? null,
    usersAffected: said.usersAffected ?? before?.usersAffected ?? null,
    dataLoss: said.dataLoss ?? before?.dataLoss ?? null,
    revenueLost: said.revenueLost ?? before?.revenueLost ?? null,
  };
}

/** "Checkout fails for everyone; 15000 users; data loss; $45000 of revenue". */
export function impactText({ summary, scope, usersAffected, dataLoss, revenueLost }: Impact): string {
  const parts = [
    summary,
    scope === null ? null : scope === 'all' ? 'all users' : 'some users',
    usersAffected === null ? null : `${usersAffected} users affected`,
    dataLoss === true ? 'DATA LOSS' : dataLoss === false ? 'no data loss' : null,
    revenueLost === null ? null : `${revenueLost} of revenue lost`,
  ];
  return parts.filter((part) => part !== null).join('; ');
}

/** What the runbook advises on that impact; empty when there is nothing to advise. */
export function adviceOn(impact: Impact, severity: Severity): string {
  if (impact.dataLoss === true && severity !== 'SEV1') return 'Data loss is SEV1: raise the severity.';
  const unknown = impact.scope === null && impact.usersAffected === null;
  return unknown ? 'If the impact cannot be determined, roll back: better once too often than too late.' : '';
}
