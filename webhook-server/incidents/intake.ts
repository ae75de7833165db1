/**
 * A sighting's way to durability: to Temporal through its incident's lane; when Temporal is away or late, to the
 * spool; when Temporal refuses it for good, aside. Every way ends within five seconds.
 */
import type { Logger } from 'pino';
import { NotDurable, type Sighting } from '../gateway.ts';
import type { Spool } from '../spool/spool.ts';
import { createSlots, within } from './deadline.ts';
import type { Deliver } from './delivery.ts';
import { judge, Poison } from './errors.ts';
import { createLanes } from './lanes.ts';
import type { Counts } from './counts.ts';

export interface Intake {
  /** The workflow id that was (or, from the spool, will be) opened or told; null when nobody had to be. */
  readonly hold: (sighting: Sighting) => Promise<string | null>;
  /** To Temporal only, however long its turn takes. Throws `TemporalAway` or `Poison`. */
  readonly deliver: (sighting: Sighting) => Promise<boolean>;
  /** Keeps a sighting that Temporal refuses where a person finds it. */
  readonly setAside: (sighting: Sighting, refusal: Poison) => Promise<void>;
}

export interface IntakeParts {
  readonly deliver: Deliver;
  readonly spool: Spool;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly counts: Counts;
  /** Called when something went to the spool. */
  readonly onSpooled: () => void;
}

interface Waiting {
  readonly sighting: Sighting;
  readonly resolve: (told: boolean) => void;
  readonly reject: (err: unknown) => void;
  /** It went to the spool meanwhile. */
  gone: boolean;
}

/** With the client's own 2 s for a call, a sighting may have waited behind another. */
const TURN_MS = 2500;
const DISK_MS = 1500;
/** More calls at once make each slower, until all of them are late. */
const CALLS_AT_ONCE = 48;

export function createIntake({ deliver, spool, log, counts, onSpooled }: IntakeParts): Intake {
  const slot = createSlots(CALLS_AT_ONCE);
  const lanes = createLanes<Waiting>((items) => slot(() => send(items)));

  async function send(items: readonly Waiting[]): Promise<void> {
    const here = items.filter(({ gone }) => !gone);
    if (here.length === 0) return;
    try {
      const told = await deliver(here.map(({ sighting }) => sighting));
      counts.batches += 1;
      for (const { resolve } of here) resolve(told);
    } catch (err) {
      // One sender's broken message must not take the others' with it.
      if (judge(err) instanceof Poison && here.length > 1) for (const item of here) await send([item]);
      else for (const { reject } of here) reject(err);
    }
  }

  function enter(sighting: Sighting): { waiting: Waiting; told: Promise<boolean> } {
    const { promise, resolve, reject } = withResolvers();
    const waiting = { sighting, resolve, reject, gone: false };
    lanes.join(sighting.opening.workflowId, waiting);
    return { waiting, told: promise };
  }

  async function setAside(sighting: Sighting, refusal: Poison): Promise<void> {
    counts.refused += 1;
    log.error({ err: refusal, workflowId: sighting.opening.workflowId }, 'Temporal refuses an alert; it is set aside');
    await spool.setAside(refusal.message, sighting);
  }

  /** On the disk in time, or the sender must come again. */
  async function onDisk(write: Promise<void>): Promise<void> {
    try {
      await within(DISK_MS, write, () => new Error(`the disk did not answer within ${DISK_MS} ms`));
    } catch (err) {
      counts.notDurable += 1;
      log.error({ err }, 'an alert is neither with Temporal nor on the disk; the sender is told to try again');
      throw new NotDurable('neither Temporal nor the disk took the alerts');
    }
  }

  return {
    setAside,
    deliver: (sighting) => enter(sighting).told,
    async hold(sighting) {
      const { workflowId } = sighting.opening;
      const { waiting, told } = enter(sighting);
      try {
        return (await within(TURN_MS, told)) ? workflowId : null;
      } catch (err) {
        waiting.gone = true;
        const trouble = judge(err);
        if (trouble instanceof Poison) {
          await onDisk(setAside(sighting, trouble));
          return null;
        }
        await onDisk(spool.append(sighting));
        counts.spooled += 1;
        onSpooled();
        return sighting.alerts.some(({ status }) => status === 'firing') ? workflowId : null;
      }
    },
  };
}

function withResolvers(): { promise: Promise<boolean> } & Pick<Waiting, 'resolve' | 'reject'> {
  let resolve: Waiting['resolve'] = () => undefined;
  let reject: Waiting['reject'] = () => undefined;
  const promise = new Promise<boolean>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
