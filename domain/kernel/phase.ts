/** The phases of an incident and how it can end. Pure. */
export const PHASES = ['declared', 'investigating', 'mitigating', 'monitoring', 'resolved', 'closed'] as const;
export type Phase = (typeof PHASES)[number];

export type Outcome = 'resolved' | 'auto-recovered' | 'false-alarm' | 'merged';

/** "Open" in the runbook's sense: people are still at work. */
export function isOpen(phase: Phase): boolean {
  return phase !== 'resolved' && phase !== 'closed';
}
