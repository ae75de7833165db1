/** The lines of one call and the acts in each: which order goes to which port, under which key. */
import type { Delivery } from '../domain/incident.ts';
import { impactOf } from '../domain/public-state.ts';
import type { Act } from './line.ts';
import { notice } from './notice.ts';
import type { Ports } from './ports.ts';
import type { CallScene } from './scene.ts';
import { settle } from './settle.ts';
import type { TellLine, TellRequest } from './types.ts';
import { inWords } from './words.ts';

export interface TellCall {
  readonly ports: Ports;
  readonly request: TellRequest;
  readonly scene: CallScene;
  readonly signal: AbortSignal;
  /** What is told may have been told by a call whose answer was lost. */
  readonly again: boolean;
  /** Of notices: grows while the call tells them. */
  readonly deliveries: Delivery[];
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
  const told = request.posts.map(({ n, at, about, text, releases }) => {
    const key = `${request.incident.episode}/post/${n}`;
    const post = { key, at, again, about, releases, text: inWords(text, ports.directory, ports.timeZone) };
    return { n, tell: () => ports.chat.post(post, scene, signal) };
  });
  const refresh = { n: 0, tell: async () => ports.chat.refresh?.(scene, signal) };
  return told.length === 0 ? [] : [...told, refresh];
}

function entries({ ports, request, scene, signal, again }: TellCall): readonly Act[] {
  const { episode } = request.incident;
  const { component, highestSeverity } = request.head;
  return request.entries.map((order) => {
    const key = `${episode}/entry/${order.n}`;
    const entry = { ...order, key, again, episode, component, impact: impactOf(highestSeverity) };
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
  return request.tickets.map(({ n, at, act, text }) => {
    const key = `${request.incident.episode}/ticket/${n}`;
    const entry = { key, at, again, act, text: inWords(text, ports.directory, ports.timeZone) };
    return { n, tell: () => ports.tickets.write(entry, scene, signal) };
  });
}

function alarms({ ports, request, signal }: TellCall): readonly Act[] {
  return request.alarms.map(({ n, act }) => ({ n, tell: () => settle(ports.directory, request.paged, act, signal) }));
}
