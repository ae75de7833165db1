/** What to call an alert in a message. Pure. */
import type { Incident } from './incident.ts';

/** Its name and instance; the fingerprint when its labels were not kept. */
export function nameOf({ alerts }: Incident, fingerprint: string): string {
  const labels = Object.hasOwn(alerts.details, fingerprint) ? alerts.details[fingerprint]?.labels : undefined;
  const name = labels?.['alertname'] ?? fingerprint;
  return labels?.['instance'] === undefined ? name : `${name} on ${labels['instance']}`;
}
