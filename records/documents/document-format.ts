/** How times, people and lengths are said in documents for people. Pure. */
import { formatDateTime } from '../../schedules/format-time.ts';

export interface DocumentFormat {
  /** IANA zone of the organization. */
  readonly timeZone: string;
  /** What people call a person of the configuration. */
  readonly nameOf: (person: string) => string;
  /** Where the incident of this workflow id can be looked at. */
  readonly urlOf: (workflowId: string) => string;
  /** The house's own words for a post-mortem; absent: the built-in ones. */
  readonly postmortemTemplate?: string;
}

/** By the names and addresses of a configuration. */
export function documentFormatOf(config: {
  readonly timeZone: string;
  readonly publicUrl: string;
  readonly people: ReadonlyMap<string, { readonly name: string }>;
  readonly templates?: ReadonlyMap<string, string>;
}): DocumentFormat {
  const postmortemTemplate = config.templates?.get('postmortem');
  const base = config.publicUrl.replace(/\/+$/, '');
  return {
    timeZone: config.timeZone,
    nameOf: (person) => config.people.get(person)?.name ?? person,
    urlOf: (workflowId) => `${base}/incidents/${workflowId}`,
    ...(postmortemTemplate === undefined ? {} : { postmortemTemplate }),
  };
}

/** `2026-11-21 14:30:05 CET`. `at`: RFC 3339, or epoch ms. */
export const timeIn = (timeZone: string, at: string | number): string =>
  formatDateTime(new Date(at).getTime(), timeZone);

/** `1 h 05 min`, `12 min 03 s`, `9 s`. */
export function lengthOf(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  if (hours > 0) return `${hours} h ${two(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${two(rest)} s` : `${rest} s`;
}

/** From one time to another, both RFC 3339; null when either is missing. Never below zero: clocks differ. */
export function msBetween(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));
}

/** `1 alert`, `3 alerts`. */
export const countOf = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
