/** What the public page shows of a component, from the incidents about it. Pure. */
import type { PublicState } from '../kernel/commands.ts';
import type { Phase } from '../kernel/phase.ts';
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

/** The public word for a phase. */
export const PUBLIC_STATE_OF_PHASE: Readonly<Record<Phase, PublicState>> = {
  declared: 'Investigating',
  investigating: 'Investigating',
  mitigating: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
  closed: 'Resolved',
};

/** What the public calls an incident: never in the words of an alert. */
export const publicTitle = (component: string | null): string => `Problem with ${component ?? 'our services'}`;
