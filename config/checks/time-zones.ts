/** The organization's zone can be written in two places: they must agree. */
import { type ConfigDraft } from '../draft.ts';
import { type Finding } from '../config-problems.ts';

export function checkTimeZones({ otherSections: { organization, timeZone } }: ConfigDraft): readonly Finding[] {
  const other = organization && 'timeZone' in organization ? organization.timeZone : undefined;
  if (timeZone === undefined || other === undefined || timeZone === other) return [];
  const message = `organization.timeZone says ${other}: write the time zone once`;
  return [{ path: ['timeZone'], message }];
}
