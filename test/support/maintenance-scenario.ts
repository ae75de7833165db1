/** What a story of maintenance needs beside the usual: alerts that a window holds back, and the window's own workflow. */
import type { WorkflowHandle } from '@temporalio/client';
import type { SuppressedBy, MaintenanceWindow } from '../../domain/kernel/maintenance.ts';
import { END_WINDOW_SIGNAL, MAINTENANCE_WORKFLOW, MOVE_WINDOW_SIGNAL, TASK_QUEUES } from '../../workflows/contract.ts';
import type { MaintenanceInput } from '../../workflows/contract.ts';
import type { World } from './scenario.ts';

const MINUTE = 60_000;

/** What the edge writes on an alert that a window of the configuration holds back for so many minutes from now. */
export async function heldFor(
  { env }: World,
  minutes: number,
  over: Partial<SuppressedBy> = {},
): Promise<{ suppressedBy: SuppressedBy[] }> {
  const until = (await env.currentTimeMs()) + minutes * MINUTE;
  return { suppressedBy: [{ window: 'disk swap', windowWorkflowId: null, until, ...over }] };
}

export interface DeclaredWindow {
  readonly id: string;
  /** Begins it. Needs workers, or the clock stands still. */
  readonly declare: () => Promise<void>;
  readonly handle: WorkflowHandle;
  readonly end: () => Promise<void>;
  /** It ends so many minutes from now. */
  readonly move: (minutes: number) => Promise<void>;
  /** The clock goes on for the next story. */
  readonly terminate: () => Promise<void>;
}

let windowCount = 0;

/** A window that a person declares for so many minutes. */
export function aWindow({ env }: World, minutes: number): DeclaredWindow {
  windowCount += 1;
  const id = `maintenance-scenario-${windowCount}`;
  const handle = env.client.workflow.getHandle(id);
  const inMinutes = async (after: number): Promise<number> => (await env.currentTimeMs()) + after * MINUTE;
  return {
    id,
    handle,
    async declare() {
      const window: MaintenanceWindow = {
        ...{ id, match: { service: 'payments' }, reason: 'disk swap', by: 'ana' },
        ...{ from: await inMinutes(0), until: await inMinutes(minutes) },
      };
      const args: [MaintenanceInput] = [{ window }];
      const start = { workflowId: id, taskQueue: TASK_QUEUES.incidents, args, memo: { window } };
      await env.client.workflow.start(MAINTENANCE_WORKFLOW, start);
    },
    end: () => handle.signal(END_WINDOW_SIGNAL, { by: 'ana' }),
    move: async (after) => handle.signal(MOVE_WINDOW_SIGNAL, { by: 'ana', until: await inMinutes(after) }),
    terminate: () => handle.terminate('the scenario is over').then(ignored, ignored),
  };
}

const ignored = (): void => undefined;
