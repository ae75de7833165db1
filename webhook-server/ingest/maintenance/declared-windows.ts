/**
 * Windows that people have declared: a workflow each. This server knows at once of those that it made, ended or moved
 * itself; of what others do it hears by a look at Temporal every ten seconds. While Temporal is away the last good
 * picture holds, and a window's own end. Nobody waits for a look: what is not known holds nothing back.
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
import { IncidentsUnavailable } from '../../incidents/gateway.ts';
import { classifyTemporalError } from '../../delivery/temporal-errors.ts';
import type { CircuitBreaker } from '../../delivery/circuit-breaker.ts';

export interface DeclaredWindows {
  /** Those that have not ended, the next to end first. */
  all(): readonly MaintenanceWindow[];
  /** The same id again is the same window. Throws `Unavailable`. */
  declare(window: MaintenanceWindow): Promise<MaintenanceWindow | null>;
  /** False: there is no such window, or it has ended. Throws `Unavailable`. */
  end(id: string, by: string): Promise<boolean>;
  move(id: string, moved: WindowMoved): Promise<boolean>;
  close(): void;
}

export interface DeclaredWindowsParts {
  readonly client: Client;
  readonly circuitBreaker: CircuitBreaker;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly now?: () => number;
}

const EVERY_MS = 10_000;
/** After a look that failed. */
const AGAIN_MS = 2_000;
const LIST_MS = 10_000;
/** The index follows what happened by seconds; until then this server's own word counts. */
const VISIBILITY_DELAY_MS = 60_000;
const MAX_WINDOWS = 1_000;

/** Begins to look at once. */
export function createDeclaredWindows({
  client,
  circuitBreaker,
  log,
  now = Date.now,
}: DeclaredWindowsParts): DeclaredWindows {
  let listed: ReadonlyMap<string, MaintenanceWindow> = new Map();
  /** What this server did: null where it ended the window. */
  const ownChanges = new Map<string, { readonly window: MaintenanceWindow | null; readonly at: number }>();
  let ended = false;
  let timer: NodeJS.Timeout | undefined;

  function currentWindows(): ReadonlyMap<string, MaintenanceWindow> {
    const windows = new Map(listed);
    for (const [id, { window, at }] of ownChanges) {
      // One that has ended never comes back.
      if (window === null) windows.delete(id);
      else if (now() - at < VISIBILITY_DELAY_MS) windows.set(id, window);
    }
    return windows;
  }

  async function listWindows(): Promise<void> {
    const query = `WorkflowType = '${MAINTENANCE_WORKFLOW}' AND ExecutionStatus = 'Running'`;
    listed = await circuitBreaker.callWithin(LIST_MS, async () => {
      const found = new Map<string, MaintenanceWindow>();
      for await (const { workflowId, memo } of client.workflow.list({ query })) {
        const { window } = (memo ?? {}) as Partial<MaintenanceMemo>;
        if (window !== undefined) found.set(workflowId, window);
        if (found.size >= MAX_WINDOWS) break;
      }
      return found;
    });
    for (const [id, { window, at }] of ownChanges) {
      if (now() - at > VISIBILITY_DELAY_MS && !(window === null && listed.has(id))) ownChanges.delete(id);
    }
  }

  async function pollForever(): Promise<void> {
    await circuitBreaker.firstProbe;
    const found = circuitBreaker.allowsCalls() && (await listWindows().then(yes, no));
    if (ended) return;
    timer = setTimeout(() => void pollForever(), found ? EVERY_MS : AGAIN_MS);
    timer.unref();
  }

  /** The window that was declared by the same request, as it is now; null when it is over. */
  async function alreadyDeclared(id: string): Promise<MaintenanceWindow | null> {
    const handle = client.workflow.getHandle(id);
    try {
      const { status } = await circuitBreaker.callDurable(() => handle.describe());
      return status.name === 'RUNNING'
        ? await circuitBreaker.callDurable(() => handle.query<MaintenanceWindow>(MAINTENANCE_QUERY))
        : null;
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return null;
      throw new IncidentsUnavailable(
        `maintenance was declared before, but cannot be looked at: ${classifyTemporalError(err).message}`,
      );
    }
  }

  /** False where there is nobody to tell. */
  async function signalWindow(id: string, name: string, signalArg: WindowEnded | WindowMoved): Promise<boolean> {
    try {
      await circuitBreaker.callDurable(() => client.workflow.getHandle(id).signal(name, signalArg));
      return true;
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return false;
      throw new IncidentsUnavailable(`the maintenance window was not told: ${classifyTemporalError(err).message}`);
    }
  }

  void pollForever();
  return {
    all: () =>
      [...currentWindows().values()]
        .filter(({ until }) => until > now())
        .sort((a, b) => a.until - b.until || (a.id < b.id ? -1 : 1)),
    async declare(window) {
      const args: [MaintenanceInput] = [{ window }];
      const memo: MaintenanceMemo = { window };
      try {
        await circuitBreaker.callDurable(() =>
          client.workflow.start(MAINTENANCE_WORKFLOW, {
            ...{ workflowId: window.id, taskQueue: TASK_QUEUES.incidents, args, memo: { ...memo } },
            staticSummary: `maintenance: ${window.reason}`.slice(0, 100).toWellFormed(),
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
          }),
        );
      } catch (err) {
        // The answer to the first request was lost, or the request is an old one.
        if (err instanceof WorkflowExecutionAlreadyStartedError) return alreadyDeclared(window.id);
        throw new IncidentsUnavailable(
          `maintenance was not declared, nothing is held back: ${classifyTemporalError(err).message}`,
        );
      }
      ownChanges.set(window.id, { window, at: now() });
      log.info({ window }, 'maintenance declared');
      return window;
    },
    async end(id, by) {
      const found = await signalWindow(id, END_WINDOW_SIGNAL, { by });
      ownChanges.set(id, { window: null, at: now() });
      return found;
    },
    async move(id, moved) {
      const found = await signalWindow(id, MOVE_WINDOW_SIGNAL, moved);
      const window = currentWindows().get(id);
      if (found && window !== undefined) ownChanges.set(id, { window: { ...window, until: moved.until }, at: now() });
      return found;
    },
    close() {
      ended = true;
      clearTimeout(timer);
    },
  };
}

const yes = (): boolean => true;
const no = (): boolean => false;
