/** The fields of an alert that all sources read alike: title and description, links, start and end. */
import type { AlertLinks } from '../../../domain/kernel/alert.ts';
import { SUMMARY_LIMIT, TITLE_LIMIT, type RawAlert } from './message.ts';
import { valueInAnyCase, sanitizeText, cleanLine, type Labels } from './sanitize.ts';

/** A title, or null when it is empty. */
export function titleLine(raw: string | null | undefined): string | null {
  return raw === undefined || raw === null ? null : cleanLine(raw, TITLE_LIMIT) || null;
}

/** The description in the annotations; null: none. Older rules call it `message`. */
export function descriptionOf(annotations: Labels): string | null {
  const text = valueInAnyCase(annotations, 'description') ?? valueInAnyCase(annotations, 'message');
  return text?.trim() ? sanitizeText(text.trim(), SUMMARY_LIMIT) : null;
}

const LINK_LIMIT = 2048;
// eslint-disable-next-line no-control-regex -- control characters hide where a link leads
const WEB = /^https?:\/\/[^\s\u0000-\u001f\u007f"<>\\]+$/i;

/**
 * The first of `candidates` that is a web address; undefined if none is. Only http and https, so that nothing ever renders
 * `javascript:`. The text is kept as sent, not parsed: Grafana sends bare query strings here.
 */
export function webLink(...candidates: readonly unknown[]): string | undefined {
  for (const raw of candidates) {
    if (typeof raw === 'string' && raw.length <= LINK_LIMIT && WEB.test(raw)) return raw.toWellFormed();
  }
  return undefined;
}

/** Leaves out undefined values. */
export function alertLinks(found: { [Name in keyof AlertLinks]: string | undefined }): AlertLinks {
  const kept: { -readonly [Name in keyof AlertLinks]: string } = {};
  if (found.source) kept.source = found.source;
  if (found.dashboard) kept.dashboard = found.dashboard;
  if (found.runbook) kept.runbook = found.runbook;
  if (found.silence) kept.silence = found.silence;
  return kept;
}

const SHAPE = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):?(\d\d))$/;

/**
 * Epoch ms, or null for anything that is not an RFC 3339 time since 1970 (`0001-01-01T00:00:00Z` means "none"). Strict:
 * `Date` would roll 30 February over into March and take "1" for 2001. PagerDuty's own examples have offsets without a
 * colon (`+0000`).
 */
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

type Span = Pick<RawAlert, 'startsAt' | 'startGuessed' | 'sentStartsAt' | 'endsAt'>;

/**
 * When an alert of that status started and ended. Without a readable start it started when the message arrived, and so it
 * did where the sender's clock is ahead: nothing is reported before it begins. An end is never before the start that was
 * sent, nor after the message.
 */
export function alertSpan(
  { status, receivedAt }: { readonly status: RawAlert['status']; readonly receivedAt: number },
  sent: { readonly startsAt?: unknown; readonly endsAt?: unknown },
): Span {
  const start = parseRfc3339(sent.startsAt);
  const isAhead = start !== null && start > receivedAt;
  const startGuessed = start === null || isAhead;
  const startsAt = startGuessed ? receivedAt : start;
  const begin = { startsAt, startGuessed, ...(isAhead ? { sentStartsAt: start } : {}) };
  if (status === 'firing') return { ...begin, endsAt: null };
  const end = Math.min(parseRfc3339(sent.endsAt) ?? receivedAt, receivedAt);
  return { ...begin, endsAt: startGuessed ? end : Math.max(end, startsAt) };
}
