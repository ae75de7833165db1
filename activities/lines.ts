/** The lines of one call and the acts in each: which order goes to which port, under which key. */
import type { Delivery } from '../domain/incident.ts';
import { impactOf } from '../domain/public-state.ts';
import type { Act } from './line.ts';
import { notice } from './notice.ts';
import type { Ports } from './ports.ts';
import type { CallScene } from './scene.ts';
import { settle } from './settle.ts';
import type { TellLine, TellRequest } from './types.ts';
import { announcementOf, inWords } from './words.ts';

export interface TellCall {
  readonly ports: Ports;
  readonly request: TellRequest;
  readonly scene: CallScene;
  readonly signal: AbortSignal;
  /** What is told may have been told by a call whose answer was lost. */
  readonly again: boolean;
  /** Of notices and stakeholder updates: grows while the call tells them. */
  readonly deliveries: Delivery[];
  /** What stakeholder updates say, by their order: grows likewise. */
  readonly stakeholderUpdates: Map<number, string>;
}

export function linesOf(call: TellCall): readonly { readonly line: TellLine; readonly acts: readonly Act[] }[] {
  return [
    { line: 'posts', acts: posts(call) },
    { line: 'entries', acts: entries(call) },
    { line: 'notices', acts: notices(call) },
    { line: 'tickets', acts: tickets(call) },
    { line: 'alarms', acts: alarms(call) },
  ];
}

function posts({ ports, request, scene, signal, again }: TellCall): readonly Act[] {
  const { id: incidentId, workflowId } = request.incident;
  const told = request.posts.map((order) => {
    const { n, at, about, releases } = order;
    const announcement = releases === 'announce' ? announcementOf(order, ports, workflowId) : null;
    const words = { text: inWords(order, ports, workflowId), ...(announcement === null ? {} : { announcement }) };
    const post = { key: `${incidentId}/post/${n}`, at, again, about, releases, ...words };
    return { n, tell: () => ports.chat.post(post, scene, signal) };
  });
  const refresh = { n: 0, tell: async () => ports.chat.refresh?.(scene, signal) };
  return told.length === 0 ? [] : [...told, refresh];
}

function entries({ ports, request, scene, signal, again }: TellCall): readonly Act[] {
  const { id: incidentId, workflowId } = request.incident;
  const { component, highestSeverity } = request.head;
  return request.entries.map((order) => {
    const { n, at, state, nextUpdateAt } = order;
    const said = { n, at, state, nextUpdateAt, text: inWords({ ...order, text: [order.text] }, ports, workflowId) };
    const key = `${incidentId}/entry/${n}`;
    const entry = { ...said, key, again, incidentId, component, impact: impactOf(highestSeverity) };
    return { n: order.n, tell: () => ports.statusPage.publish(entry, scene, signal) };
  });
}

function notices({ ports, request, scene, signal, deliveries }: TellCall): readonly Act[] {
  return request.notices.map((order) => ({
    n: order.n,
    tell: async () =>
      void deliveries.push(...(await notice(ports, { ...request, incident: scene.incident }, order, signal))),
  }));
}

function tickets({ ports, request, scene, signal, again }: TellCall): readonly Act[] {
  const { id: incidentId, workflowId } = request.incident;
  return request.tickets.map((order) => {
    const { n, at, act } = order;
    const entry = { key: `${incidentId}/ticket/${n}`, at, again, act, text: inWords(order, ports, workflowId) };
    return { n, tell: () => ports.tickets.write(entry, scene, signal) };
  });
}

function alarms({ ports, request, signal }: TellCall): readonly Act[] {
  return request.alarms.map(({ n, act }) => ({ n, tell: () => settle(ports.directory, request.paged, act, signal) }));
}
