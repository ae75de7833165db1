/** Who does what: the roles an incident asks for, and what somebody is told who takes command. Pure. */
import { nameOf } from './alert-names.ts';
import { updateDueAt } from '../communications/update-schedule.ts';
import type { Role } from './commands.ts';
import { impactText } from './impact.ts';
import type { Incident } from './incident.ts';
import type { Text } from './text.ts';
import { truncate, joinList } from './text.ts';
import { firingAlerts } from '../mitigation/monitoring-window.ts';

export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  ic: 'incident commander',
  technicalLead: 'technical lead',
  communicationsLead: 'communications lead',
  scribe: 'scribe',
};

/** Who has it: the IC, else whoever acknowledged; null while nobody has. */
export function holderOf({ roles, acknowledgedBy }: Pick<Incident, 'roles' | 'acknowledgedBy'>): string | null {
  return roles.ic ?? acknowledgedBy;
}

/** Roles that the severity asks for and nobody has. */
export function missingRoles({ policy, severity, roles, test }: Incident): readonly Role[] {
  return test ? [] : policy.severities[severity].roles.filter((role) => roles[role] === null);
}

/** "Wanted: technical lead, communications lead and scribe." Empty when nobody is. */
export function wantedText(incident: Incident): string {
  const missing = missingRoles(incident);
  return missing.length === 0 ? '' : `Wanted: ${joinList(missing.map((role) => ROLE_NAMES[role]))}.`;
}

const LINES_SHOWN = 5;
const NAMES_SHOWN = 5;

/** What somebody must know who takes command: where it stands, what was decided, what is due. */
export function handOverText(incident: Incident): Text {
  const { severity, title, phase, declaredAt, impact, mitigation, projection } = incident;
  const names = firingAlerts(incident).map(({ fingerprint }) => nameOf(incident, fingerprint));
  const dueAt = updateDueAt(incident, 'internal');
  const lines = projection.timeline.slice(-LINES_SHOWN);
  return [
    `You are incident commander of ${severity} "${title}", ${phase}, declared at `,
    { at: declaredAt },
    `. Impact: ${impact === null ? 'not known yet' : truncate(impactText(impact), 500)}.`,
    mitigation.decision === null ? '' : ` Decided: ${mitigation.decision}.`,
    names.length === 0 ? '' : ` Firing: ${truncate(names.slice(0, NAMES_SHOWN).join(', '), 300)} (${names.length}).`,
    ...(dueAt === null ? [] : [' Next update due at ', { at: dueAt }, '.']),
    wantedText(incident) === '' ? '' : ` ${wantedText(incident)}`,
    '\nLast:',
    ...lines.flatMap((line) => ['\n', { at: line.at }, ` ${truncate(line.text.replaceAll('\n', ' '), 200)}`]),
  ];
}
