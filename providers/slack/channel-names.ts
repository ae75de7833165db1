/** What an incident's channel is called, and what it is called when that is taken. Pure. */
import type { IncidentContext } from '../../activities/ports.ts';
import { formatDate } from '../../schedules/format-time.ts';

/** Slack's own limit; lower-case letters, digits and hyphens are what every workspace takes. */
const LENGTH = 80;

/**
 * The names to try, best first: `incident-2024-01-15-payments`, the same with the reference or the end of the id,
 * and with the whole incident, which nobody else has. The date is the declaration's, in `timeZone`.
 */
export function channelNames({ incident, projection }: IncidentContext, timeZone: string): readonly string[] {
  const { service, title, reference, id: incidentId } = incident;
  const slug = slugOf(service ?? '') || slugOf(title) || slugOf(projection.team) || 'incident';
  const base = `incident-${formatDate(Date.parse(projection.declaredAt), timeZone)}-${slug}`;
  const unique = incidentId.toLowerCase();
  const endings = [...(reference === null ? [] : [slugOf(reference)]), unique.slice(-6), unique];
  return [cut(base, LENGTH), ...endings.map((ending) => `${cut(base, LENGTH - ending.length - 1)}-${ending}`)];
}

/** Letters without their accents; whatever else is not a letter or a digit becomes one hyphen. */
function slugOf(text: string): string {
  const bare = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return bare.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
}

function cut(name: string, length: number): string {
  return name.slice(0, length).replace(/-+$/, '');
}
