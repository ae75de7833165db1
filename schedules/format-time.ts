/** Times as people of the organization read them: in its zone, with the abbreviation. */

/** `14:30 CET`. */
export function formatClockTime(at: number, timeZone: string): string {
  const { hour, minute } = partsOf(at, timeZone);
  return `${hour}:${minute} ${abbreviation(at, timeZone)}`;
}

/** `2024-01-15`. */
export function formatDate(at: number, timeZone: string): string {
  const { year, month, day } = partsOf(at, timeZone);
  return `${year}-${month}-${day}`;
}

type Parts = Readonly<Record<'year' | 'month' | 'day' | 'hour' | 'minute', string>>;

function partsOf(at: number, timeZone: string): Parts {
  const digits = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  const parts = formatOf(`${timeZone} digits`, 'en-GB', { timeZone, ...digits, hourCycle: 'h23' }).formatToParts(at);
  return Object.fromEntries(parts.map(({ type, value }) => [type, value])) as Parts;
}

/** `2024-01-15 14:30:05 CET`. */
export function formatDateTime(at: number, timeZone: string): string {
  const seconds = String(new Date(at).getUTCSeconds()).padStart(2, '0');
  const { hour, minute } = partsOf(at, timeZone);
  return `${formatDate(at, timeZone)} ${hour}:${minute}:${seconds} ${abbreviation(at, timeZone)}`;
}

/** American English knows `EST`, British English `CET`; neither knows the other's. */
function abbreviation(at: number, timeZone: string): string {
  const names = ['en-US', 'en-GB'].map((locale) => {
    const format = formatOf(`${timeZone} ${locale}`, locale, { timeZone, timeZoneName: 'short' });
    return format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
  });
  return names.find((name) => !/^(GMT|UTC)[+-]/.test(name)) ?? names[0] ?? timeZone;
}

/** Formatters are kept, since making one costs more than using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(key: string, locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const found = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, found);
  return found;
}
