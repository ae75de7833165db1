/** What the public page shows of a component, from the incidents about it. Pure. */
import type { PublicState } from '../kernel/commands.ts';
import type { Incident } from '../kernel/incident.ts';
import type { Phase } from '../kernel/phase.ts';
import { firingAlerts } from '../kernel/queries.ts';
import type { Severity } from '../kernel/severity.ts';

/** From best to worst. */
export const COMPONENT_STATES = ['operational', 'degraded_performance', 'partial_outage', 'major_outage'] as const;
export type ComponentState = (typeof COMPONENT_STATES)[number];

export const PUBLIC_IMPACTS = ['none', 'minor', 'major', 'critical'] as const;
export type PublicImpact = (typeof PUBLIC_IMPACTS)[number];

const IMPACTS: Readonly<Record<Severity, PublicImpact>> = {
  SEV1: 'critical',
  SEV2: 'major',
  SEV3: 'minor',
  SEV4: 'none',
};

/** How bad the public is told it is, from the highest severity reached. */
export const impactOf = (highestSeverity: Severity): PublicImpact => IMPACTS[highestSeverity];

const WHILE_BROKEN: Readonly<Record<PublicImpact, ComponentState>> = {
  none: 'operational',
  minor: 'degraded_performance',
  major: 'partial_outage',
  critical: 'major_outage',
};

/** The state of the component of an incident with this public word and impact. */
export function componentStateOf(state: PublicState, impact: PublicImpact): ComponentState {
  if (state === 'Resolved') return 'operational';
  return state === 'Monitoring' && impact !== 'none' ? 'degraded_performance' : WHILE_BROKEN[impact];
}

/** The worst of them; `operational` when there are none. */
export function worstState(states: readonly ComponentState[]): ComponentState {
  return COMPONENT_STATES.findLast((state) => states.includes(state)) ?? 'operational';
}

/** The public word for a phase, once the cause is known. */
const PUBLIC_STATE_OF_PHASE: Readonly<Record<Phase, PublicState>> = {
  declared: 'Investigating',
  investigating: 'Investigating',
  mitigating: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
  closed: 'Resolved',
};

/**
 * The public word for an incident: the one that a person chose in this phase, else the phase's. A cause is claimed only
 * when somebody named it, or fixes forward what is well understood.
 */
export function publicStateOf({ communications, phase, cause, mitigation }: Incident): PublicState {
  if (communications.publicState !== null) return communications.publicState;
  const isUnderstood = mitigation.decision === 'fix-forward' && mitigation.disproved !== true;
  return phase === 'mitigating' && cause === undefined && !isUnderstood
    ? 'Investigating'
    : PUBLIC_STATE_OF_PHASE[phase];
}

/**
 * Whether a person said so: by resolving it, or by reporting that what was tried worked. Alerts that clear after a mere
 * decision do not say what helped.
 */
export function isCalledFixed({ mitigation: { disproved, mitigatedAt, monitoringWindow } }: Incident): boolean {
  if (monitoringWindow?.confirmed === true) return true;
  return disproved !== true && mitigatedAt !== null && mitigatedAt !== monitoringWindow?.startedAt;
}

/** What a person tells the public by a state alone: what is true as it is now, and no second first entry. */
export function standardUpdate(incident: Incident, state: PublicState): string {
  const component = publicComponent(incident.component);
  switch (state) {
    case 'Investigating':
      return incident.communications.publicSchedule === null
        ? `We are investigating a problem with ${component}.`
        : `We are still investigating the problem with ${component}.`;
    case 'Identified':
      return `We have found the cause of the problem with ${component} and are working on a fix.`;
    case 'Monitoring':
      if (firingAlerts(incident).length > 0)
        return `We have applied a fix for the problem with ${component} and are checking whether it works.`;
      return isCalledFixed(incident)
        ? `A fix for ${component} is in place. We are monitoring it.`
        : `The problem with ${component} has cleared. We are monitoring it.`;
    case 'Resolved':
      return `The problem with ${component} is resolved.`;
  }
}

/** What the public calls an incident: never in the words of an alert. */
export const publicTitle = (component: string | null): string => `Problem with ${publicComponent(component)}`;

/** What the public calls what is broken. */
export const publicComponent = (component: string | null): string => component ?? 'our services';

/** Whom it hits, as far as the public is told: never in the words of an assessment. */
export function publicImpactText({ impact, component }: Incident): string {
  const users = `users of ${publicComponent(component)}`;
  if (impact === null || impact.scope === null) return `${users} may be affected`;
  return `${impact.scope} ${users}`.replace(/^subset/, 'some');
}
