/** What people are asked who declare or acknowledge: how bad it is, and what users notice. One source of these texts. Pure. */
import { SEVERITIES, type Severity } from './severity.ts';

const SEVERITY_MEANINGS: Readonly<Record<Severity, string>> = {
  SEV1: 'critical: a full outage; data loss, corruption, or the risk of it; a security breach; payments are down',
  SEV2: 'high: a partial outage; half of the requests fail; a major feature is down; a high-risk dependency fails',
  SEV3: 'medium: a minor feature is down; two to three times slower; fewer than 10 % of users, or internal only',
  SEV4: 'low: cosmetic; there is a workaround; documentation',
};

/** A line for each severity, the worst first. */
export const severityGuide = (): readonly string[] =>
  SEVERITIES.map((severity) => `${severity} ${SEVERITY_MEANINGS[severity]}`);

export const IMPACT_QUESTIONS = {
  scope: 'Is it affecting all users or a subset?',
  dataLoss: 'Is it causing data loss or corruption?',
  severity: 'Is it a critical degradation or a minor issue?',
} as const;

/** The commands that answer them. */
export const impactCommand = (name: string): string =>
  `tocsin impact ${name} "what users notice" --scope all|subset --data-loss yes|no`;
export const severityCommand = (name: string): string => `tocsin severity ${name} SEV1|SEV2|SEV3|SEV4 --reason "…"`;
