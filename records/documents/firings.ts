/** When an alert fired: every time that the record knows of, from its timeline and from the alert itself. Pure. */
import type { EventType } from '../../domain/kernel/events.ts';
import type { WholeRecord } from '../records.ts';

/** RFC 3339; `to` null: it fires, or nobody reported its end. */
export interface Firing {
  readonly from: string;
  readonly to: string | null;
}

type Alert = Pick<WholeRecord['incident']['alerts'][number], 'fingerprint' | 'startsAt' | 'endsAt'>;

const FIRINGS_SHOWN = 20;

/** Oldest first; of very many the last, and how many there were `earlier`. */
export function firingsOf(
  { timeline }: Pick<WholeRecord, 'timeline'>,
  alert: Alert,
): { readonly earlier: number; readonly firings: readonly Firing[] } {
  let firings: readonly Firing[] = [];
  for (const { kind, at, alerts = [] } of timeline) {
    const reported = alerts.find(({ fingerprint }) => fingerprint === alert.fingerprint);
    if (reported === undefined) continue;
    if (isKind(kind, 'alerts-cleared')) firings = withEnd(firings, reported);
    else if (isKind(kind, 'alerts-fired')) firings = withStart(firings, reported.startsAt, at);
  }
  firings = withPresent(firings, alert);
  return { earlier: Math.max(0, firings.length - FIRINGS_SHOWN), firings: firings.slice(-FIRINGS_SHOWN) };
}

const isKind = (kind: string, wanted: EventType): boolean => kind === wanted;

/** Some senders report a new firing with the start of the one before: then it began when it was reported. */
function withStart(firings: readonly Firing[], startsAt: string, reportedAt: string): readonly Firing[] {
  const last = firings.at(-1);
  if (last === undefined || startsAt > last.from) return [...firings, { from: startsAt, to: null }];
  return last.to === null ? firings : [...firings, { from: reportedAt, to: null }];
}

function withEnd(firings: readonly Firing[], { startsAt, endsAt }: Omit<Alert, 'fingerprint'>): readonly Firing[] {
  const last = firings.at(-1);
  if (last?.to !== null) return [...firings, { from: startsAt, to: endsAt }];
  const before = firings.slice(0, -1);
  // Its start may have been corrected since it was first reported.
  const isCorrected = startsAt < last.from && startsAt > (before.at(-1)?.to ?? '');
  return [...before, { from: isCorrected ? startsAt : last.from, to: endsAt }];
}

/** The alert as it is now is newer than anything the timeline says. */
function withPresent(firings: readonly Firing[], { startsAt, endsAt }: Alert): readonly Firing[] {
  const last = firings.at(-1);
  if (last === undefined || startsAt > last.from) return [...firings, { from: startsAt, to: endsAt }];
  return endsAt === null
    ? [...firings.slice(0, -1), { ...last, to: null }]
    : last.to === null
      ? withEnd(firings, { startsAt, endsAt })
      : firings;
}
