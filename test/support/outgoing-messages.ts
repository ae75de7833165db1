/** Everything that an incident says in a story of the pure domain: lines, posts, entries, notices, stakeholder updates, tickets. */
import type { Incident } from '../../domain/kernel/incident.ts';
import type { Text } from '../../domain/kernel/text.ts';
import type { SimulatedIncident, IncidentSimulator } from './incident-simulator.ts';
import { declareSimulated, simulateFrom } from './incident-simulator.ts';

export interface MessageScenario {
  readonly declaration?: Parameters<typeof declareSimulated>[0];
  readonly run: (simulator: IncidentSimulator) => void;
}

/** One entry a message, in the order in which they were given; times as minutes since the declaration. */
export function outgoingMessages({ declaration = {}, run }: MessageScenario): string[] {
  const messages: string[] = [];
  const collectMessages = (before: Incident, _event: unknown, after: Incident): void => {
    messages.push(...messagesBetween(before, after));
  };
  const start: SimulatedIncident = declareSimulated(declaration);
  messages.push(
    ...messagesBetween(
      {
        ...start.incident,
        projection: { ...start.incident.projection, seq: 0 },
        outbox: { ...start.incident.outbox, lastNumber: 0 },
      },
      start.incident,
    ),
  );
  run(simulateFrom(start, collectMessages));
  return messages;
}

function messagesBetween(before: Incident, after: Incident): string[] {
  const isNew = ({ n }: { readonly n: number }): boolean => n > before.outbox.lastNumber;
  const { pages, posts, publicEntries, notices, tickets, alarms, stakeholderUpdates = [] } = after.outbox;
  const line = after.projection.seq > before.projection.seq ? [after.projection.timeline.at(-1)] : [];
  return [
    ...line.map((one) => `line: ${one?.by ?? '-'}: ${one?.text ?? ''}`),
    ...pages.filter(isNew).map(({ reason, targets, method }) => `page: ${reason} ${JSON.stringify(targets)} ${method}`),
    ...posts.filter(isNew).map(({ text, releases }) => `chat (${releases ?? 'no'} releases): ${plainText(text)}`),
    ...publicEntries.filter(isNew).map(({ state, text, nextUpdateAt, renews }) => {
      const isRenewal = renews === undefined ? '' : ' (renewed)';
      return `public ${state}${isRenewal}: ${text} [${minute(nextUpdateAt)}]`;
    }),
    ...notices
      .filter(isNew)
      .map(({ to, except, text }) => `to ${to.join('+')} but ${except.join('+')}: ${plainText(text)}`),
    ...stakeholderUpdates
      .filter(isNew)
      .map((stakeholderUpdate) => `stakeholder update: ${JSON.stringify(stakeholderUpdate)}`),
    ...tickets.filter(isNew).map(({ action, text }) => `ticket ${action}: ${plainText(text)}`),
    ...alarms.filter(isNew).map(({ action }) => `alarms: ${action}`),
  ];
}

const minute = (at: number | null): string => (at === null ? 'never' : String(Math.round(at / 60_000)));

function plainText(text: Text): string {
  return text
    .map((part) => (typeof part === 'string' ? part : 'at' in part ? `<${minute(part.at)}>` : `@${part.person}`))
    .join('');
}
