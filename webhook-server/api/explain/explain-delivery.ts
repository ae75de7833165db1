/** What a page or notification was, and why it was sent: both follow from its key. Pure. */
import type { Config } from '../../../config/config.ts';
import type { IncidentView } from '../../../domain/engine/view.ts';

type Delivery = IncidentView['deliveries'][number];

export interface DeliveryExplained extends Delivery {
  /** What to call the person. */
  readonly name: string;
  readonly kind: 'page' | 'notification' | 'fallback' | 'other';
  /** Of pages: from 1; level 0 is outside the escalation. */
  readonly cycle: number | null;
  readonly level: number | null;
  readonly attempt: number | null;
  readonly why: string;
}

export interface DeliveryContext {
  readonly view: Pick<IncidentView, 'roles'>;
  /** People paged as leadership. */
  readonly leadership: readonly string[];
  readonly config: Pick<Config, 'people'>;
}

const PAGE = /\/page\/(\d+)\.(\d+)\.(\d+)\//;

export function explainDelivery(delivery: Delivery, about: DeliveryContext): DeliveryExplained {
  const name = about.config.people.get(delivery.to)?.name ?? delivery.to;
  const none = { cycle: null, level: null, attempt: null };
  const page = PAGE.exec(delivery.key);
  if (page !== null) {
    const [cycle = 0, level = 0, attempt = 0] = page.slice(1).map(Number);
    return {
      ...delivery,
      name,
      kind: 'page',
      cycle,
      level,
      attempt,
      why: whyPaged(delivery, { cycle, level, attempt }, about),
    };
  }
  if (delivery.key.startsWith('bg/')) {
    return { ...delivery, name, kind: 'fallback', ...none, why: 'fallback page: Temporal was away' };
  }
  const isNotification = delivery.key.includes('/notice/');
  const why = isNotification ? 'notified, not paged: works on it, was paged, or has a role' : whyOther(delivery.key);
  return { ...delivery, name, kind: isNotification ? 'notification' : 'other', ...none, why };
}

const whyOther = (key: string): string =>
  key.includes('/stakeholder-update/') ? 'stakeholder update, never a page' : 'not part of the escalation';

function whyPaged(
  { to }: Delivery,
  { cycle, level, attempt }: { readonly cycle: number; readonly level: number; readonly attempt: number },
  { view, leadership }: DeliveryContext,
): string {
  if (level === 0) {
    if (leadership.includes(to)) return 'leadership: once, for a SEV1';
    return view.roles.ic === to
      ? 'incident commander: it came back, or was raised'
      : 'paged by name, outside the escalation';
  }
  const pass = cycle > 1 ? `, cycle ${cycle}` : '';
  const again = attempt > 1 ? `, step ${attempt} of the notification rules` : '';
  return `${level === 1 ? 'on call' : `nobody had acknowledged: level ${level}`}${pass}${again}`;
}
