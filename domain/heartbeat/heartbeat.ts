/**
 * A heartbeat: something that must check in regularly; a missed beat opens an incident. Pure.
 *
 * A missing beat proves something only while a server could have received it. So servers report that they are listening
 * and since when, as long as they can store a beat durably. The time without a beat counts from the last beat, but not
 * from before the latest unbroken span in which servers listened. While Temporal, the servers or the workers were away,
 * no beat could arrive, so the count restarts when a server listens again. While no server listens, nothing is
 * declared.
 */
import { durationText } from '../kernel/duration.ts';
import type { AlertReport } from '../kernel/alert.ts';
import type { Declaration } from '../kernel/declaration.ts';

export interface HeartbeatSetting {
  readonly name: string;
  /** A beat is expected this often. */
  readonly everyMs: number;
  /** A beat may be late by this. */
  readonly graceMs: number;
  /** What a missed beat declares; id and summary are filled in then. */
  readonly declaration: Declaration;
}

/** What a server knows of itself: from `since` until `at` it could make beats durable. Epoch ms by its clock. */
export interface ListeningSpan {
  readonly since: number;
  readonly at: number;
}

/** The server listens. The setting comes with the first word of a server, and when it has changed. */
export interface Listening extends ListeningSpan {
  readonly setting?: HeartbeatSetting;
}

/** `at`: when it beat. */
export type Beat = ListeningSpan;

export interface MissedHeartbeat {
  /** Since then: the start of the alert that fires. */
  readonly since: number;
  /** The last beat before it; null: there was none. */
  readonly lastBeatAt: number | null;
  /** The incident that was signalled: the heartbeat may stay overdue beyond a change of its team. */
  readonly workflowId: string;
  /** When it was last signalled, epoch ms. */
  readonly signaledAt: number;
}

export interface HeartbeatState {
  readonly setting: HeartbeatSetting;
  /** When this setting took effect: no time before it counts. */
  readonly countsFrom: number;
  readonly lastBeatAt: number | null;
  /** The latest stretch in which a server listened, as far as they have said. */
  readonly heard: { readonly from: number; readonly until: number };
  /** Time in which servers listened since the last beat, in stretches before the latest, ms. */
  readonly earlierMs?: number;
  /** The alert that fires. */
  readonly missed: MissedHeartbeat | null;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A heartbeat that has just been configured: it has never beaten, and is listened for from now on. */
export function newHeartbeat(setting: HeartbeatSetting, now: number): HeartbeatState {
  return { setting, countsFrom: now, lastBeatAt: null, heard: { from: now, until: now }, missed: null };
}

/**
 * How often a server says that it listens while it hears no beat: at least three times in the grace, so that one was
 * surely there when the missing beat was due.
 */
export function listeningEveryMs({ everyMs, graceMs }: Pick<HeartbeatSetting, 'everyMs' | 'graceMs'>): number {
  return Math.min(Math.max(Math.min(everyMs, graceMs) / 3, SECOND), 5 * MINUTE);
}

export function listened(state: HeartbeatState, { setting, ...hearing }: Listening, now: number): HeartbeatState {
  const heard = widened(state.heard, hearing, now);
  const next = { ...state, heard, earlierMs: earlier(state, heard) };
  if (setting === undefined) return next;
  const { everyMs, graceMs } = state.setting;
  const isSameRhythm = setting.everyMs === everyMs && setting.graceMs === graceMs;
  // A shorter rhythm must not make an alarm of what was in time by the longer one.
  return isSameRhythm ? { ...next, setting } : { ...next, setting, countsFrom: now, earlierMs: 0 };
}

export function beaten(state: HeartbeatState, beat: Beat, now: number): HeartbeatState {
  const at = Math.min(beat.at, now);
  return {
    ...state,
    lastBeatAt: Math.max(at, state.lastBeatAt ?? at),
    heard: widened(state.heard, beat, now),
    earlierMs: 0,
  };
}

/** Time in which it was listened for since its last beat, before the stretch that goes on. */
function earlier(state: HeartbeatState, next: HeartbeatState['heard']): number {
  const { heard, earlierMs = 0 } = state;
  const isNewStretch = next.from > heard.until;
  return isNewStretch ? earlierMs + Math.max(0, heard.until - overdueSince(state)) : earlierMs;
}

/** One stretch of all servers: those that overlap are joined, a gap begins a new one. */
function widened(heard: HeartbeatState['heard'], { since, at }: ListeningSpan, now: number): HeartbeatState['heard'] {
  // A server whose clock is ahead must not claim to have listened in the future.
  const until = Math.min(at, now);
  const from = Math.min(since, until);
  if (from > heard.until) return { from, until };
  if (until < heard.from) return heard;
  return { from: Math.min(from, heard.from), until: Math.max(until, heard.until) };
}

/** `raise`, `repeat`, `clear`: signal the incident. `end`: no server has listened for this heartbeat for long. */
export type HeartbeatAct = 'raise' | 'repeat' | 'clear' | 'end';

export interface Judgement {
  readonly act: HeartbeatAct | null;
  /** When to judge again if nothing arrives before. */
  readonly lookAt: number;
}

/** As Alertmanager does, so that an incident opens again if the last one has ended meanwhile. */
const REPEAT_MS = 4 * HOUR;
/** After this long without a repeat the alert is stale. */
export const MISSED_STALE_AFTER_MS = 3 * REPEAT_MS;
/** No server has listened for this long: the heartbeat was removed from the configuration, or everything is off. */
const FORGOTTEN_AFTER_MS = DAY;
/** While its alert fires it waits longer, since only it can say that the alert is over. */
const SILENT_FORGOTTEN_AFTER_MS = 30 * DAY;

export function judgeHeartbeat(state: HeartbeatState, now: number): Judgement {
  const { missed, heard, lastBeatAt } = state;
  const isForgottenAt = heard.until + (missed === null ? FORGOTTEN_AFTER_MS : SILENT_FORGOTTEN_AFTER_MS);
  const found = (act: HeartbeatAct | null, lookAt: number): Judgement => ({
    act,
    lookAt: Math.min(lookAt, isForgottenAt),
  });
  if (missed !== null && lastBeatAt !== missed.lastBeatAt) return found('clear', now);
  if (isForgottenAt <= now) return found('end', now);
  if (missed !== null) {
    const repeatAt = missed.signaledAt + REPEAT_MS;
    return found(repeatAt <= now ? 'repeat' : null, repeatAt);
  }
  const dueAt = overdueAt(state);
  if (dueAt > now) return found(null, dueAt);
  // While no server is known to listen, nothing is concluded: a beat may not have been received.
  const isListened = heard.until >= now - 2 * listeningEveryMs(state.setting);
  return found(isListened ? 'raise' : null, Infinity);
}

/** When the heartbeat counts as missed. */
export function overdueAt(state: HeartbeatState): number {
  const { everyMs, graceMs } = state.setting;
  const lengthMs = everyMs + graceMs;
  // Short gaps, such as a restart each day, must not put a daily beat off for ever: twice as long in all is enough.
  const leftInAll = Math.max(0, 2 * lengthMs - (state.earlierMs ?? 0));
  return overdueSince(state) + Math.min(lengthMs, leftInAll);
}

function overdueSince({ lastBeatAt, heard, countsFrom }: HeartbeatState): number {
  return Math.max(lastBeatAt ?? 0, heard.from, countsFrom);
}

/** The state with the heartbeat missed as of `now`. */
export function withMissed(state: HeartbeatState, now: number): HeartbeatState & { readonly missed: MissedHeartbeat } {
  const { lastBeatAt, setting } = state;
  const { workflowId } = setting.declaration;
  return { ...state, missed: { since: overdueSince(state), lastBeatAt, workflowId, signaledAt: now } };
}

/** The state after `act`. */
export function acted(state: HeartbeatState, act: 'raise' | 'repeat' | 'clear', now: number): HeartbeatState {
  if (act === 'clear') return { ...state, missed: null };
  return state.missed === null ? withMissed(state, now) : { ...state, missed: { ...state.missed, signaledAt: now } };
}

/** The alert as reported to its incident; `endsAt`: when it beat again. */
export function missedAlert(setting: HeartbeatSetting, { since }: MissedHeartbeat, endsAt: number | null): AlertReport {
  const { name, declaration } = setting;
  const { severity, title, service } = declaration;
  return {
    fingerprint: `heartbeat:${name}`,
    status: endsAt === null ? 'firing' : 'resolved',
    startsAt: since,
    startGuessed: false,
    endsAt,
    severity,
    title,
    labels: { alertname: 'HeartbeatMissed', heartbeat: name, ...(service === null ? {} : { service }) },
    annotations: { description: heartbeatText(setting, since) },
    links: {},
  };
}

/** The summary, for the people paged. */
export function heartbeatText({ name, everyMs, graceMs }: HeartbeatSetting, since: number): string {
  const when = new Date(since).toISOString().slice(0, 19);
  return (
    `Nothing was heard of ${name} since ${when}Z; a beat is expected every ${durationText(everyMs)}, ` +
    `${durationText(graceMs)} late at the most. What sends it may be down, and alerts with it.`
  );
}
