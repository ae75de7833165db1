/**
 * Maintenance windows: those of the configuration, and those that people declare, one workflow each. This server knows
 * at once the ones that it declared, ended or moved itself, and polls Temporal every ten seconds for those of other
 * servers. While Temporal is down the last list stays in force, as does each window's own end. Nothing waits for a
 * poll: an unknown window suppresses nothing.
 */
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { MaintenanceWindow } from '../../../domain/kernel/maintenance.ts';
import {
  END_WINDOW_SIGNAL,
  MAINTENANCE_WORKFLOW,
  MOVE_WINDOW_SIGNAL,
  TASK_QUEUES,
  type MaintenanceInput,
  MAINTENANCE_QUERY,
  type MaintenanceMemo,
  type WindowEnded,
  type WindowMoved,
} from '../../../workflows/contract.ts';
import { IncidentsUnavailable } from '../../incidents/incident-queries.ts';
import { classifyTemporalError, type Circuit } from '../../delivery/circuit-breaker.ts';
import type { Config } from '../../../config/config.ts';
import type { MaintenanceSetting } from '../../../config/sections/maintenance.ts';
import { maintenanceWindowEnd } from '../../../schedules/maintenance-windows.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { markSuppressed, type ActiveWindow } from './suppress.ts';

export interface MaintenanceParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly now?: () => number;
  readonly config: () => Config;
}

/** Finding a calendar's active windows costs some microseconds for every alert. */
const CACHED_MS = 200;

export class Maintenance {
  readonly declared: DeclaredWindows;
  private readonly parts: MaintenanceParts;
  private cached: { readonly at: number; readonly config: Config; readonly windows: readonly ActiveWindow[] } | null =
    null;

  constructor(parts: MaintenanceParts) {
    this.parts = parts;
    this.declared = new DeclaredWindows(parts);
  }

  /** The routed alerts, marked where they are suppressed now. Never waits, never throws. */
  suppress(routed: RoutedAlerts): RoutedAlerts {
    try {
      const at = (this.parts.now ?? Date.now)();
      const declared = activeWindows({ configured: [], declared: this.declared.all() }, at);
      const windows = [...this.configuredWindows(at), ...declared];
      return windows.length === 0 ? routed : markSuppressed(routed, windows);
    } catch (err) {
      // When in doubt, page.
      this.parts.log.warn({ err }, 'maintenance could not be checked: alerts are not suppressed');
      return routed;
    }
  }

  close(): void {
    this.declared.close();
  }

  private configuredWindows(at: number): readonly ActiveWindow[] {
    const config = this.parts.config();
    const { cached } = this;
    if (cached !== null && cached.config === config && Math.abs(at - cached.at) < CACHED_MS) return cached.windows;
    const windows = activeWindows({ configured: config.maintenance, declared: [] }, at);
    this.cached = { at, config, windows };
    return windows;
  }
}

interface Windows {
  /** From the configuration. */
  readonly configured: readonly MaintenanceSetting[];
  /** Declared by people. */
  readonly declared: readonly MaintenanceWindow[];
}

/** The windows that are active at `at`. */
export function activeWindows({ configured, declared }: Windows, at: number): readonly ActiveWindow[] {
  const fromConfig = configured.flatMap(({ name, match, times }) => {
    const until = maintenanceWindowEnd(times, at);
    return until === null ? [] : [{ match, suppression: { window: name, windowWorkflowId: null, until } }];
  });
  const fromPeople = declared
    .filter(({ from, until }) => from <= at && at < until)
    .map(({ id, match, reason, until }) => ({
      match: new Map(Object.entries(match)),
      suppression: { window: reason, windowWorkflowId: id, until },
    }));
  return [...fromConfig, ...fromPeople];
}

const POLL_EVERY_MS = 10_000;
const POLL_AGAIN_MS = 2_000;
const LIST_MS = 10_000;
/** Temporal's index lags by seconds; until then this server's own changes count. */
const VISIBILITY_DELAY_MS = 60_000;
const MAX_WINDOWS = 1_000;

/** What people can do with windows over HTTP. */
export type MaintenanceCommands = Pick<DeclaredWindows, 'all' | 'declare' | 'end' | 'move'>;

/** Starts polling at once. */
export class DeclaredWindows {
  private readonly client: Client;
  private readonly circuitBreaker: Circuit;
  private readonly log: MaintenanceParts['log'];
  private readonly now: () => number;
  private listed: ReadonlyMap<string, MaintenanceWindow> = new Map();
  /** This server's own changes: null for a window that it ended. */
  private readonly ownChanges = new Map<string, { readonly window: MaintenanceWindow | null; readonly at: number }>();
  private ended = false;
  private timer: NodeJS.Timeout | undefined;

  constructor({ client, circuitBreaker, log, now = Date.now }: Omit<MaintenanceParts, 'config'>) {
    this.client = client;
    this.circuitBreaker = circuitBreaker;
    this.log = log;
    this.now = now;
    void this.pollForever();
  }

  /** Those that have not ended, the next to end first. */
  all(): readonly MaintenanceWindow[] {
    return [...this.currentWindows().values()]
      .filter(({ until }) => until > this.now())
      .sort((a, b) => a.until - b.until || (a.id < b.id ? -1 : 1));
  }

  /** The same id again returns the same window; null: it is over. Throws `IncidentsUnavailable`. */
  async declare(window: MaintenanceWindow): Promise<MaintenanceWindow | null> {
    const args: [MaintenanceInput] = [{ window }];
    const memo: MaintenanceMemo = { window };
    try {
      await this.circuitBreaker.callDurable(() =>
        this.client.workflow.start(MAINTENANCE_WORKFLOW, {
          workflowId: window.id,
          taskQueue: TASK_QUEUES.incidents,
          args,
          memo: { ...memo },
          staticSummary: `maintenance: ${window.reason}`.slice(0, 100).toWellFormed(),
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
        }),
      );
    } catch (err) {
      // The response to the first request was lost, or the request is an old one.
      if (err instanceof WorkflowExecutionAlreadyStartedError) return this.alreadyDeclared(window.id);
      throw unavailable('maintenance was not declared, nothing is suppressed', err);
    }
    this.ownChanges.set(window.id, { window, at: this.now() });
    this.log.info({ window }, 'maintenance declared');
    return window;
  }

  /** False: no such window, or it has ended. Throws `IncidentsUnavailable`. */
  async end(id: string, by: string): Promise<boolean> {
    const found = await this.signalWindow(id, END_WINDOW_SIGNAL, { by });
    this.ownChanges.set(id, { window: null, at: this.now() });
    return found;
  }

  /** As `end`. */
  async move(id: string, moved: WindowMoved): Promise<boolean> {
    const found = await this.signalWindow(id, MOVE_WINDOW_SIGNAL, moved);
    const window = this.currentWindows().get(id);
    if (found && window !== undefined)
      this.ownChanges.set(id, { window: { ...window, until: moved.until }, at: this.now() });
    return found;
  }

  close(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private currentWindows(): ReadonlyMap<string, MaintenanceWindow> {
    const windows = new Map(this.listed);
    for (const [id, { window, at }] of this.ownChanges) {
      // A window that has ended never restarts.
      if (window === null) windows.delete(id);
      else if (this.now() - at < VISIBILITY_DELAY_MS) windows.set(id, window);
    }
    return windows;
  }

  private async pollForever(): Promise<void> {
    await this.circuitBreaker.firstProbe;
    const isListed =
      this.circuitBreaker.allowsCalls() &&
      (await this.listWindows().then(
        () => true,
        () => false,
      ));
    if (this.ended) return;
    this.timer = setTimeout(() => void this.pollForever(), isListed ? POLL_EVERY_MS : POLL_AGAIN_MS);
    this.timer.unref();
  }

  private async listWindows(): Promise<void> {
    const query = `WorkflowType = '${MAINTENANCE_WORKFLOW}' AND ExecutionStatus = 'Running'`;
    this.listed = await this.circuitBreaker.callWithin(LIST_MS, async () => {
      const found = new Map<string, MaintenanceWindow>();
      for await (const { workflowId, memo } of this.client.workflow.list({ query })) {
        const { window } = (memo ?? {}) as Partial<MaintenanceMemo>;
        if (window !== undefined) found.set(workflowId, window);
        if (found.size >= MAX_WINDOWS) break;
      }
      return found;
    });
    for (const [id, { window, at }] of this.ownChanges) {
      const isListedAsOpen = window === null && this.listed.has(id);
      if (this.now() - at > VISIBILITY_DELAY_MS && !isListedAsOpen) this.ownChanges.delete(id);
    }
  }

  /** The current state of the window that the same request declared before; null when it is over. */
  private async alreadyDeclared(id: string): Promise<MaintenanceWindow | null> {
    const handle = this.client.workflow.getHandle(id);
    try {
      const { status } = await this.circuitBreaker.callDurable(() => handle.describe());
      return status.name === 'RUNNING'
        ? await this.circuitBreaker.callDurable(() => handle.query<MaintenanceWindow>(MAINTENANCE_QUERY))
        : null;
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return null;
      throw unavailable('maintenance was declared before, but its window cannot be read', err);
    }
  }

  /** False when no such window is running. */
  private async signalWindow(id: string, name: string, signalArg: WindowEnded | WindowMoved): Promise<boolean> {
    try {
      await this.circuitBreaker.callDurable(() => this.client.workflow.getHandle(id).signal(name, signalArg));
      return true;
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return false;
      throw unavailable('the maintenance window was not changed', err);
    }
  }
}

const unavailable = (what: string, err: unknown): IncidentsUnavailable =>
  new IncidentsUnavailable(`${what}: ${classifyTemporalError(err).message}`);
