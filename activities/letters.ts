/**
 * The line of letters to stakeholders. Unlike the other lines it is one queue for each address, so that one address that
 * is dead holds up nobody else's letters.
 */
import type { Delivery } from '../domain/incident.ts';
import type { LetterOrder } from '../domain/orders.ts';
import { TEMPLATES } from '../domain/templates.ts';
import { clockTime } from '../schedules/clock-time.ts';
import { now } from './clock.ts';
import { isRefused } from './failures.ts';
import { letterText } from './letter-text.ts';
import { inTime, troubleOf } from './line.ts';
import type { LineOutcome } from './line.ts';
import type { TellCall } from './lines.ts';
import type { Letter, StakeholderContact } from './ports.ts';
import { valuesOf } from './words.ts';

/** A letter says where the incident's channel is: as long as this it waits for the chat to make one. */
const CHANNEL_MS = 4_000;
/** Older news is none: whoever could not be reached for so long is left out. */
const TOO_OLD_MS = 24 * 3_600_000;

/** A letter to one stakeholder by one of its ways. */
interface Sending {
  readonly order: LetterOrder;
  readonly letter: Letter;
  readonly contact: StakeholderContact;
}

type Trouble = NonNullable<LineOutcome['trouble']>;

/** `posted`: the outcome of the line of chat posts. Adds to `done` the orders that are told to everybody. Never rejects. */
export async function tellLetters(
  call: TellCall,
  posted: Promise<unknown> | undefined,
  done: Set<number>,
): Promise<LineOutcome> {
  const orders = (call.request.letters ?? []).filter(({ n }) => !done.has(n));
  if (orders.length === 0) return { line: 'letters', trouble: null, refused: [] };
  await inTime(posted ?? Promise.resolve(), CHANNEL_MS);
  const refused: string[] = [];
  const owed = orders.flatMap((order) => sendingsOf(call, order));
  const troubles = await Promise.all(queuesOf(owed).map((queue) => sendInOrder(call, queue, refused)));
  for (const { n } of orders) {
    if (isSettled(call, owed, n)) done.add(n);
    // Nobody was there to be told: then the record must not say it.
    if (!owed.some(({ order }) => order.n === n)) call.letters.delete(n);
  }
  return { line: 'letters', trouble: troubles.find((trouble) => trouble !== null) ?? null, refused };
}

/** One for each address. */
function queuesOf(owed: readonly Sending[]): readonly (readonly Sending[])[] {
  const queues = new Map<string, Sending[]>();
  for (const sending of owed) {
    const address = `${sending.letter.to} ${sending.contact.method}`;
    queues.set(address, [...(queues.get(address) ?? []), sending]);
  }
  return [...queues.values()];
}

function sendingsOf(call: TellCall, order: LetterOrder): readonly Sending[] {
  const { ports, request, scene, again, letters } = call;
  const { workflowId, id: incidentId, reference } = scene.incident;
  const { channel = '', ticket = '' } = scene.refs();
  const isInternal = TEMPLATES[order.template].use === 'internal';
  const values: Readonly<Record<string, string>> = {
    ...valuesOf(order, ports, workflowId),
    // What has come to be known since the order was given.
    ...(isInternal
      ? { reference: reference ?? '', channel, ticket, startedAt: clockTime(startOf(call), ports.timeZone) }
      : {}),
  };
  const { subject, text } = letterText(order.template, values, ports.wording);
  letters.set(order.n, `Subject: ${subject}\n\n${text}`);
  const about = isInternal ? { ...request.head, reference, url: scene.incident.url } : null;
  return order.to.flatMap((to) =>
    ports.stakeholders.contacts(to).map((contact) => ({
      order,
      contact,
      letter: {
        key: keyOf(incidentId, order.n, to, contact),
        at: order.at,
        again,
        to,
        thread: `${incidentId}/letters/${to}`,
        ...{ subject, text },
        ...(about === null
          ? { audience: 'external', incident: { component: values['component'] ?? '', state: values['state'] ?? '' } }
          : { audience: 'internal', incident: shown(about) }),
      },
    })),
  );
}

/** Epoch ms. The declaration itself does not know yet since when its alerts fire. */
const startOf = ({ request: { head } }: TellCall): number => Date.parse(head.detectedAt ?? head.declaredAt);

const keyOf = (incidentId: string, n: number, to: string, { method }: StakeholderContact): string =>
  `${incidentId}/letter/${n}/${to}.${method}`;

/** What a program may read of it: by name. */
function shown(head: TellCall['request']['head'] & { readonly reference: string | null; readonly url: string }) {
  const { id, reference, url, workflowId, severity, title, phase, team, service } = head;
  return { id, reference, workflowId, url, severity, title, phase, team, service };
}

/** Up to the first letter that this address does not take for now. */
async function sendInOrder(
  { request, deliveries, signal }: TellCall,
  queue: readonly Sending[],
  refused: string[],
): Promise<Trouble | null> {
  for (const { order, letter, contact } of queue) {
    if (isIn(request.lettersSettled, deliveries, letter.key)) continue;
    const settle = (state: Delivery['state'], reason: string | null): void =>
      void deliveries.push({ at: now(), to: letter.to, method: contact.method, key: letter.key, state, reason });
    try {
      await contact.send(letter, signal);
      settle('accepted', null);
    } catch (err) {
      const trouble = troubleOf('letters', err);
      if (!isRefused(err) && now() - order.at < TOO_OLD_MS) return trouble;
      settle('failed', trouble.reason);
      refused.push(trouble.reason);
    }
  }
  return null;
}

function isSettled({ request, deliveries }: TellCall, owed: readonly Sending[], n: number): boolean {
  return owed.every(({ order, letter }) => order.n !== n || isIn(request.lettersSettled, deliveries, letter.key));
}

function isIn(before: readonly string[] = [], deliveries: readonly Delivery[], key: string): boolean {
  return before.includes(key) || deliveries.some((delivery) => delivery.key === key);
}
