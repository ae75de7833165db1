/**
 * RFC 3339 times of senders, read strictly: `Date` would roll 30 February over into March and take "1" for 2001.
 */
import type { RawAlert } from './message.ts';

/** A start further ahead of our clock than this is a mistake; kept, it would make every later firing look old. */
const AHEAD_MS = 10 * 60_000;

const SHAPE = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Epoch ms, or null for anything that is not an RFC 3339 time since 1970 (`0001-01-01T00:00:00Z` says "none"). */
export function parseRfc3339(raw: unknown): number | null {
  const found = typeof raw === 'string' && raw.length <= 40 ? SHAPE.exec(raw) : null;
  if (!found) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as Six;
  const [offsetHour, offsetMinute] = [Number(found[9] ?? 0), Number(found[10] ?? 0)];
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return null;
  const ms = Number((found[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = (offsetHour * 60 + offsetMinute) * 60_000 * (found[8] === '-' ? -1 : 1);
  const at = Date.UTC(year, month - 1, day, hour, minute, second, ms) - offset;
  return at >= 0 ? at : null;
}

type Six = [number, number, number, number, number, number];

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

type Span = Pick<RawAlert, 'startsAt' | 'startGuessed' | 'endsAt'>;

/**
 * When an alert of that status began and ended. Without a readable start it began when the message arrived; an end is
 * never before the start that was sent, nor after the message.
 */
export function alertSpan(
  { status, receivedAt }: { readonly status: RawAlert['status']; readonly receivedAt: number },
  sent: { readonly startsAt?: unknown; readonly endsAt?: unknown },
): Span {
  const start = parseRfc3339(sent.startsAt);
  const startGuessed = start === null || start > receivedAt + AHEAD_MS;
  const startsAt = startGuessed ? receivedAt : start;
  if (status === 'firing') return { startsAt, startGuessed, endsAt: null };
  const end = Math.min(parseRfc3339(sent.endsAt) ?? receivedAt, receivedAt);
  return { startsAt, startGuessed, endsAt: startGuessed ? end : Math.max(end, startsAt) };
}
