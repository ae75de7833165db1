/** The local clock of a time zone, by the runtime's own zone data. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** True when the runtime knows `timeZone` as a zone's name (offsets such as `+02:00` are not names). */
export function isTimeZone(timeZone: string): boolean {
  if (!/^[A-Za-z]/.test(timeZone)) return false;
  try {
    format(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** Minutes after local midnight (0 … 1439) in `timeZone` at `atMs` (epoch ms). Throws RangeError for an unknown zone. */
export function minuteOfDay(timeZone: string, atMs: number): number {
  const parts = format(timeZone).formatToParts(atMs);
  const number = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return number('hour') * 60 + number('minute');
}

/** Making a format costs far more than using it. */
function format(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  formats.set(timeZone, made);
  return made;
}
