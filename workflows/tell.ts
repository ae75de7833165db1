/**
 * Courtesies: chat, the public page, notices. Each has its own line of orders, told in order, one call at a time, so
 * that one vendor's trouble holds up nobody else. They may fail, with a line on the timeline; paging never waits.
 */
import type { Answer } from '../activities/types.ts';
import type { IncidentEvent } from '../domain/events.ts';
import type { Orders } from '../domain/orders.ts';
import { pagedIncident } from '../domain/paged-incident.ts';
import { courtesies } from './proxies.ts';
import type { IncidentRun } from './run.ts';

export function tellTeam(run: IncidentRun): void {
  tell(run, 'posts', async (posts) => {
    const summary = `tell the team: ${posts.map(({ about }) => about).join(', ')}`;
    const request = { incident: pagedIncident(run.incident), posts };
    const priority = posts.every(({ about }) => about === 'declared') ? ANNOUNCEMENT : {};
    const answer = await courtesies.postToChat.executeWithOptions({ summary, ...priority }, [request]);
    return { answer, event: { type: 'posted', at: Date.now(), posts: posts.map(({ n }) => n) } };
  });
}

export function tellPublic(run: IncidentRun): void {
  tell(run, 'entries', async (entries) => {
    const { episode, component } = run.incident;
    const summary = `tell the public: ${entries.map(({ state }) => state).join(', ')}`;
    const answer = await courtesies.publishEntries.executeWithOptions({ summary }, [{ episode, component, entries }]);
    return { answer, event: { type: 'published', at: Date.now(), entries: entries.map(({ n }) => n) } };
  });
}

export function tellPeople(run: IncidentRun): void {
  tell(run, 'notices', async (notices) => {
    const summary = `tell people: ${notices.map(({ about }) => about).join(', ')}`;
    const request = { incident: pagedIncident(run.incident), round: Math.max(1, run.incident.chain.round), notices };
    const answer = await courtesies.notify.executeWithOptions({ summary }, [request]);
    const { deliveries } = answer;
    return { answer, event: { type: 'notified', at: Date.now(), notices: notices.map(({ n }) => n), deliveries } };
  });
}

/** Announcing a new incident gives way to what people wait for. */
const ANNOUNCEMENT = { priority: { priorityKey: 5 } };

type Line = 'posts' | 'entries' | 'notices';
const ORDERS_IN_A_CALL = 50;
const PAUSE_MS = 30_000;

function tell<L extends Line>(
  run: IncidentRun,
  line: L,
  call: (orders: Orders[L]) => Promise<{ answer: Answer; event: IncidentEvent }>,
): void {
  const waiting = run.incident.orders[line];
  const pausedUntil = run.pausedUntil.get(line) ?? 0;
  if (waiting.length === 0) return;
  if (pausedUntil > Date.now()) {
    run.wakeAt(pausedUntil, `tell ${line} again`);
    return;
  }
  const { episode } = run.incident;
  run.call(
    line,
    () => call(waiting.slice(0, ORDERS_IN_A_CALL) as unknown as Orders[L]),
    ({ answer, event }) => {
      run.searchable = answer.searchable;
      run.pausedUntil.delete(line);
      if (run.incident.episode === episode) run.record(event);
    },
    (reason) => {
      const at = Date.now();
      // One line an outage, however long it lasts.
      if (!run.pausedUntil.has(line)) run.record({ type: 'courtesy-failed', at, what: line, reason });
      run.pausedUntil.set(line, at + PAUSE_MS);
    },
  );
}
