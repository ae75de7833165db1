/** Holidays name a region that is known: a misspelt one would have no holidays at all. */
import { knownInsteadOf } from '../../schedules/holidays.ts';
import { type Draft } from '../draft.ts';
import { nearest } from '../nearest.ts';
import { type Finding } from '../problems.ts';

export function checkCalendars({ teams }: Draft): readonly Finding[] {
  return [...teams].flatMap(([id, team]) => {
    const region = team?.holidays;
    if (typeof region !== 'string') return [];
    const known = knownInsteadOf(region);
    if (known === null) return [];
    const remedy = `${nearest(region, known)} A list of dates will do as well`;
    return [{ path: ['teams', id, 'holidays'], message: `no holidays are known for ${region}: ${remedy}` }];
  });
}
