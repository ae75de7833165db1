/** `HH:MM-HH:MM`, a range of the local clock that may wrap midnight. Pure. */

/** Minutes after local midnight; `start` is in, `end` is out. `end < start` wraps midnight; `end` may be 1440. */
export interface ClockRange {
  readonly start: number;
  readonly end: number;
}

/** Reads `22:00-07:00`; null when it is no such range, or when both ends are the same. */
export function parseClockRange(text: string): ClockRange | null {
  const match = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/.exec(text.trim());
  if (!match) return null;
  const [startHour, startMinute, endHour, endMinute] = match.slice(1).map(Number) as [number, number, number, number];
  const start = startHour * 60 + startMinute;
  const end = endHour * 60 + endMinute;
  const real = startMinute < 60 && endMinute < 60 && start < 1440 && end <= 1440;
  return real && start !== end ? { start, end } : null;
}

/** True when `minute` (0 … 1439) lies in the range. */
export function isInClockRange({ start, end }: ClockRange, minute: number): boolean {
  return start < end ? minute >= start && minute < end : minute >= start || minute < end;
}
