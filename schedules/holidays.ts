/**
 * Public holidays: a region's, or a list of days. The library that knows the regions is large, so it is loaded when the
 * first region is asked about, and never by a configuration that names none.
 */
import { createRequire } from 'node:module';
import type Library from 'date-holidays';

/** A region such as `DE`, `DE-BE`, `DE-BY-A`; or days `YYYY-MM-DD`; or null: none. */
export type Holidays = string | readonly string[] | null;

/** True when `day` (`YYYY-MM-DD`) is one of `holidays`. A region nobody knows has none. */
export function isHoliday(holidays: Holidays, day: string): boolean {
  if (holidays === null) return false;
  return typeof holidays === 'string' ? daysOf(holidays, Number(day.slice(0, 4))).has(day) : holidays.includes(day);
}

/** Suggestions for an unknown region; null when `region` is known. */
export function knownRegionsFor(region: string): readonly string[] | null {
  const [country = '', state, part] = region.split('-');
  const all = library();
  const countries = Object.keys(all.getCountries());
  if (!countries.includes(country)) return countries;
  if (state === undefined) return null;
  const states = Object.keys(all.getStates(country) ?? {});
  if (!states.includes(state)) return [country, ...states.map((name) => `${country}-${name}`)];
  if (part === undefined) return null;
  const parts = Object.keys(all.getRegions(country, state) ?? {});
  const above = `${country}-${state}`;
  return parts.includes(part) ? null : [above, ...parts.map((name) => `${above}-${name}`)];
}

let loaded: (new (country?: string, state?: string, region?: string) => Library) | null = null;

function library(...place: readonly [country?: string, state?: string, region?: string]): Library {
  loaded ??= createRequire(import.meta.url)('date-holidays') as NonNullable<typeof loaded>;
  return new loaded(...place);
}

const regions = new Map<string, Library>();
const years = new Map<string, ReadonlySet<string>>();

/** Making a region costs some 20 ms, and so does its year. */
function daysOf(region: string, year: number): ReadonlySet<string> {
  const key = `${region} ${year}`;
  const known = years.get(key);
  if (known) return known;
  const [country, state, part] = region.split('-');
  const found = regions.get(region) ?? library(country, state, part);
  regions.set(region, found);
  // Of the year before as well: a holiday of several days may run into this one.
  const days = new Set([year - 1, year].flatMap((each) => found.getHolidays(each).flatMap(wholeDays)));
  years.set(key, days);
  return days;
}

const DAY_MS = 86_400_000;

/** Its days as the people there count them. Half days, and days on which only schools or banks close, are workdays. */
function wholeDays({ type, date, start, end }: { type: string; date: string; start: Date; end: Date }): string[] {
  if (type !== 'public' || !date.includes(' 00:00:00')) return [];
  // A day on which the clock is changed has 23 or 25 hours.
  const count = Math.floor((end.getTime() - start.getTime()) / DAY_MS + 0.1);
  const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
  return Array.from({ length: count }, (_, index) => new Date(first + index * DAY_MS).toISOString().slice(0, 10));
}
