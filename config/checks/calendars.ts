/** Holidays name a region that is known: a misspelt one would have no holidays at all. */
import { knownRegionsFor } from '../../schedules/holidays.ts';
import { type ConfigDraft } from '../draft.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Finding } from '../config-problems.ts';

export function checkCalendars({ teams }: ConfigDraft): readonly Finding[] {
  return [...teams].flatMap(([id, team]) => {
    const region = team?.holidays;
    if (typeof region !== 'string') return [];
    const known = knownRegionsFor(region);
    if (known === null) return [];
    const remedy = `${didYouMean(region, known)} A list of dates will do as well`;
    return [{ path: ['teams', id, 'holidays'], message: `no holidays are known for ${region}: ${remedy}` }];
  });
}
