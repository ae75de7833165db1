/**
 * Courtesies: chat, the public page, notices. Each is a line of orders, told in order. The lines share one call while
 * all is well; a line in trouble gets calls of its own, so that one vendor's trouble holds up nobody else. They may
 * fail, with a line on the timeline; paging never waits.
 */
import type { TellAnswer, TellRequest } from '../activities/types.ts';
import type { Courtesy } from '../domain/orders.ts';
import { COURTESIES } from '../domain/orders.ts';
import { pagedIncident } from '../domain/paged-incident.ts';
import { courtesies } from './proxies.ts';
import type { IncidentRun } from './run.ts';

const TOGETHER = 'courtesies';
/** Before a line that five minutes of trying could not deliver is tried again. */
const PAUSE_MS = 30_000;

export function tellEveryone(run: IncidentRun): void {
  const waiting = COURTESIES.filter((line) => run.incident.orders[line].length > 0);
  for (const line of waiting.filter((line) => run.troubled.has(line))) tellInsistently(run, line);
  const well = waiting.filter((line) => !run.troubled.has(line));
  if (well.length === 0) return;
  call(run, TOGETHER, well, { insists: false }, () => {
    for (const line of well) run.troubled.add(line);
  });
}

/** One line by itself: Temporal's own retry insists for five minutes, then the line pauses and begins again. */
function tellInsistently(run: IncidentRun, line: Courtesy): void {
  const pausedUntil = run.pausedUntil.get(line) ?? 0;
  if (pausedUntil > Date.now()) {
    run.wakeAt(pausedUntil, `tell ${line} again`);
    return;
  }
  call(run, line, [line], { insists: true }, (reason) => {
    const at = Date.now();
    // One line an outage, however long it lasts.
    if (!run.pausedUntil.has(line)) run.record({ type: 'courtesy-failed', at, what: line, reason });
    run.pausedUntil.set(line, at + PAUSE_MS);
  });
}

function call(
  run: IncidentRun,
  name: string,
  lines: readonly Courtesy[],
  { insists }: { insists: boolean },
  failed: (reason: string) => void,
): void {
  if (run.isCalling(name)) return;
  const { episode } = run.incident;
  const request = requestFor(run, lines, insists);
  const about = lines.flatMap((line) => request[line].map((order) => ('about' in order ? order.about : order.state)));
  const options = { summary: `tell: ${[...new Set(about)].join(', ')}`, ...priorityOf(about) };
  run.call(
    name,
    () => courtesies.tell.executeWithOptions(options, [request]),
    (answer) => {
      run.searchable = answer.searchable;
      for (const line of lines) settle(run, line, answer);
      const { done, deliveries } = answer;
      if (run.incident.episode === episode && done.length > 0) {
        run.record({ type: 'told', at: Date.now(), orders: done, deliveries });
      }
    },
    failed,
  );
}

function settle(run: IncidentRun, line: Courtesy, { troubled }: TellAnswer): void {
  if (troubled.includes(line)) {
    run.troubled.add(line);
  } else {
    run.troubled.delete(line);
    run.pausedUntil.delete(line);
  }
}

const ORDERS_IN_A_CALL = 50;

function requestFor(run: IncidentRun, lines: readonly Courtesy[], insists: boolean): TellRequest {
  const { incident } = run;
  const { posts, entries, notices } = incident.orders;
  return {
    incident: pagedIncident(incident),
    component: incident.component,
    round: Math.max(1, incident.chain.round),
    posts: lines.includes('posts') ? posts.slice(0, ORDERS_IN_A_CALL) : [],
    entries: lines.includes('entries') ? entries.slice(0, ORDERS_IN_A_CALL) : [],
    notices: lines.includes('notices') ? notices.slice(0, ORDERS_IN_A_CALL) : [],
    insists,
  };
}

/** Announcing a new incident gives way to what people wait for. */
function priorityOf(about: readonly string[]): { readonly priority?: { readonly priorityKey: number } } {
  return about.every((what) => what === 'declared') ? { priority: { priorityKey: 5 } } : {};
}
