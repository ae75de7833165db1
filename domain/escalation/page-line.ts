/** What a page says in one line, for a lock screen: it shows about a hundred characters, the first of them surely. Pure. */
import type { Severity } from '../kernel/severity.ts';
import { truncate } from '../kernel/text.ts';

export interface PageLine {
  readonly test: boolean;
  readonly severity: Severity;
  /** What kind of call it is; empty for an ordinary one. */
  readonly kind: string;
  readonly title: string;
  readonly service: string | null;
  readonly alertCount: number;
  /** Titles of what it lists beside: a storm's groups. */
  readonly names: readonly string[];
  /** A sentence without its full stop. */
  readonly why: string;
  readonly reference: string | null;
  readonly lateByMs: number;
}

/** Together these leave room for fifty characters of a person's reason. */
const LINE_LENGTH = 300;
const SUBJECT_LENGTH = 165;
const KIND_LENGTH = 40;
const NAMES_SHOWN = 3;
const NAME_LENGTH = 30;

/** `SEV1 rollback failed: Checkout fails (payments, 3 alerts). Ana Ruiz asks for you: image missing. INC-2026-001`. */
export function pageLine(page: PageLine): string {
  const { test, severity, kind, why, reference, lateByMs } = page;
  const kindOf = kind === '' ? '' : ` ${truncate(kind, KIND_LENGTH)}:`;
  const head = sentence(`${test ? 'TEST ' : ''}${severity}${kindOf} ${subject(page)}`);
  const lateMinutes = Math.round(lateByMs / 60_000);
  const end = `${reference === null ? '' : ` ${reference}`}${lateMinutes > 0 ? ` (late by ${lateMinutes} min)` : ''}`;
  const room = LINE_LENGTH - head.length - end.length - 2;
  const reason = why === '' ? '' : ` ${sentence(truncate(why, room))}`;
  return `${head}${reason}${end}`.replaceAll(/\s+/g, ' ').trim();
}

function subject({ title, service, alertCount, names }: PageLine): string {
  const isNamed = service === null || title.toLowerCase().includes(service.toLowerCase());
  const isCounted = alertCount < 2 || names.length > 0 || /^\d+ alerts\b/.test(title);
  const beside = [isNamed ? '' : truncate(service, NAME_LENGTH), isCounted ? '' : `${alertCount} alerts`].filter(
    (part) => part !== '',
  );
  const shown = names.slice(0, NAMES_SHOWN).map((name) => truncate(name, NAME_LENGTH));
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  const end = [
    beside.length === 0 ? '' : ` (${beside.join(', ')})`,
    shown.length === 0 ? '' : `: ${shown.join(', ')}${more}`,
  ].join('');
  return truncate(title, SUBJECT_LENGTH - end.length) + end;
}

/** With a full stop, unless it ends with something like one. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
