/** Who does what: the roles an incident has, and those it asks for. Pure. */
import type { Role } from './commands.ts';
import type { Incident } from './incident.ts';

export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  ic: 'incident commander',
  technicalLead: 'technical lead',
  communicationsLead: 'communications lead',
  scribe: 'scribe',
};

/** What a role is called where people choose among them: some call the technical lead the operations lead. */
export const roleTitle = (role: Role): string =>
  role === 'technicalLead' ? 'technical (operations) lead' : ROLE_NAMES[role];

/** Who has it: the IC, else the person who acknowledged; null while nobody has. */
export function holderOf({ roles, acknowledgedBy }: Pick<Incident, 'roles' | 'acknowledgedBy'>): string | null {
  return roles.ic ?? acknowledgedBy;
}

/** Who has it; while nobody has, the on-call. */
export function holderOrOnCall(incident: Incident): readonly string[] {
  const holder = holderOf(incident);
  return holder === null ? (incident.policy.levels[0] ?? []) : [holder];
}

/** Roles that the severity asks for and nobody has. */
export function missingRoles({ policy, severity, roles, test }: Incident): readonly Role[] {
  return test ? [] : policy.severities[severity].roles.filter((role) => roles[role] === null);
}
