/** Business hours of a team as text: `mon-fri 09:00-17:00`, `sat,sun 10:00-12:00`, several joined by `;`. Pure. */
import { parseClockRange, type ClockRange } from './clock-range.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Day = (typeof DAYS)[number];

export interface OfficeHours {
  readonly days: ReadonlySet<Day>;
  readonly range: ClockRange;
}

/** Reads business hours; null when any part of them cannot be read. */
export function parseOfficeHours(text: string): readonly OfficeHours[] | null {
  const parts = text.split(';').map(parsePart);
  return parts.every((part) => part !== null) ? parts : null;
}

function parsePart(text: string): OfficeHours | null {
  const [days, clock, ...rest] = text.trim().split(/\s+/);
  if (days === undefined || clock === undefined || rest.length > 0) return null;
  const range = parseClockRange(clock);
  const spans = days.toLowerCase().split(',').map(parseSpan);
  if (!range || spans.includes(null)) return null;
  return { days: new Set(spans.flatMap((span) => span ?? [])), range };
}

/** `mon-fri` or `sat`; a span may run over the week's end (`fri-mon`). */
function parseSpan(text: string): readonly Day[] | null {
  const [first, last = first, ...rest] = text.split('-').map((name) => DAYS.findIndex((day) => day === name));
  if (first === undefined || last === undefined || rest.length > 0 || first < 0 || last < 0) return null;
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, index) => DAYS[(first + index) % 7] as Day);
}
