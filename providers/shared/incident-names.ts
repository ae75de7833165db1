/** The names in a page that covers several incidents, as lines of text. */
import type { Page } from '../../activities/ports.ts';

/** At most `limit` lines, and one that says how many are left; none for a page about one incident. */
export function incidentNameLines({ incidents = [] }: Page, limit: number): readonly string[] {
  const shown = incidents.slice(0, limit).map(({ severity, title }) => `- ${severity} ${title}`);
  const left = incidents.length - shown.length;
  return left > 0 ? [...shown, `- and ${left} more`] : shown;
}
