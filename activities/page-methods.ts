/** The methods of a page, and how far each has come. */
import type { PageDelivery } from '../domain/kernel/events.ts';
import type { DeliveryState } from '../domain/kernel/incident.ts';
import type { PageRequest, UnsettledPage } from '../domain/kernel/outbox.ts';
import type { Recipient } from './page-recipients.ts';
import type { Contact } from './ports.ts';
import type { SendUnderWay } from './sends-under-way.ts';

/** When a method has been silent for this long, the person's next one is tried beside it. */
const SILENT_MS = 5_000;

/** How far a method has come. What an attempt knows is handed to the next one as heartbeat details, by key. */
export interface MethodProgress {
  readonly state: DeliveryState;
  readonly at: number;
  readonly reason: string | null;
  readonly failures?: number;
  readonly refusals?: number;
  readonly retryAt?: number;
}

export type ProgressByKey = Readonly<Record<string, MethodProgress>>;

export interface Method {
  readonly key: string;
  readonly recipient: Recipient;
  readonly contact: Contact;
  /** Null: not tried yet. */
  progress: MethodProgress | null;
  send: SendUnderWay | null;
}

/** As the workflow knows it; null: not tried yet. */
export function reportedProgress(
  { accepted, givenUp = [], unsettled = [] }: PageRequest,
  key: string,
): MethodProgress | null {
  if (accepted.includes(key)) return { state: 'accepted', at: 0, reason: null };
  if (givenUp.includes(key)) return { state: 'failed', at: 0, reason: null };
  const page = unsettled.find((one) => one.key === key);
  return page === undefined ? null : { ...page, at: 0 };
}

export function isUnsettled({ progress }: Method): boolean {
  return progress?.state === 'sending' || progress?.state === 'retrying';
}

export function hasFailed({ progress, send }: Method): boolean {
  if (progress?.state === 'retrying' || progress?.state === 'failed') return true;
  return send !== null && send.outcome === null && performance.now() - send.since > SILENT_MS;
}

export function unsettledPage({ key, recipient, contact, progress }: Method): UnsettledPage {
  const { state = 'sending', reason = null, failures = 0, refusals = 0, retryAt = 0 } = progress ?? {};
  return {
    key,
    to: recipient.person,
    method: contact.method,
    level: recipient.level,
    state: state === 'retrying' ? 'retrying' : 'sending',
    reason,
    failures,
    refusals,
    retryAt,
  };
}

export function deliveryOf({ key, recipient, contact, progress }: Method): PageDelivery {
  const { at = 0, state = 'sending', reason = null } = progress ?? {};
  return { at, to: recipient.person, method: contact.method, key, state, reason, level: recipient.level };
}
