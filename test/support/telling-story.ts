/** Everything that an incident says in a story of the pure domain: lines, posts, entries, notices, stakeholder updates, tickets. */
import type { Incident } from '../../domain/incident.ts';
import type { Text } from '../../domain/text.ts';
import type { Life, LifeTeller } from './life.ts';
import { born, resume } from './life.ts';

export interface Story {
  readonly begins?: Parameters<typeof born>[0];
  readonly tell: (teller: LifeTeller) => void;
}

/** One entry a message, in the order in which they were given; times as minutes since the declaration. */
export function told({ begins = {}, tell }: Story): string[] {
  const said: string[] = [];
  const listen = (before: Incident, _event: unknown, after: Incident): void => {
    said.push(...saidBetween(before, after));
  };
  const start: Life = born(begins);
  said.push(
    ...saidBetween({ ...start.incident, seq: 0, orders: { ...start.incident.orders, given: 0 } }, start.incident),
  );
  tell(resume(start, listen));
  return said;
}

function saidBetween(before: Incident, after: Incident): string[] {
  const isNew = ({ n }: { readonly n: number }): boolean => n > before.orders.given;
  const { pages, posts, entries, notices, tickets, alarms, stakeholderUpdates = [] } = after.orders;
  const line = after.seq > before.seq ? [after.timeline.at(-1)] : [];
  return [
    ...line.map((one) => `line: ${one?.by ?? '-'}: ${one?.text ?? ''}`),
    ...pages.filter(isNew).map(({ reason, targets, method }) => `page: ${reason} ${JSON.stringify(targets)} ${method}`),
    ...posts.filter(isNew).map(({ text, releases }) => `chat (${releases ?? 'no'} releases): ${plain(text)}`),
    ...entries
      .filter(isNew)
      .map(({ state, text, nextUpdateAt }) => `public ${state}: ${text} [${minute(nextUpdateAt)}]`),
    ...notices
      .filter(isNew)
      .map(({ to, except, text }) => `to ${to.join('+')} but ${except.join('+')}: ${plain(text)}`),
    ...stakeholderUpdates
      .filter(isNew)
      .map((stakeholderUpdate) => `stakeholder update: ${JSON.stringify(stakeholderUpdate)}`),
    ...tickets.filter(isNew).map(({ act, text }) => `ticket ${act}: ${plain(text)}`),
    ...alarms.filter(isNew).map(({ act }) => `alarms: ${act}`),
  ];
}

const minute = (at: number | null): string => (at === null ? 'never' : String(Math.round(at / 60_000)));

function plain(text: Text): string {
  return text
    .map((part) => (typeof part === 'string' ? part : 'at' in part ? `<${minute(part.at)}>` : `@${part.person}`))
    .join('');
}
