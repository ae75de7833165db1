/**
 * the alerts of one message for one incident's way to durability: to Temporal through its incident's lane; when Temporal is away or late, to the
 * spool; when Temporal refuses it for good, aside. Every way ends within five seconds.
 */
import type { Logger } from 'pino';
import { NotDurable, type RoutedAlerts } from '../gateway.ts';
import type { Spool } from '../spool/spool.ts';
import type { Storms } from '../storm/storms.ts';
import { createSlots, within } from './deadline.ts';
import type { Deliver, How } from './delivery.ts';
import { judge, Poison } from './errors.ts';
import { createLanes } from './lanes.ts';
import type { Counts } from './counts.ts';

export interface Intake {
  /** The workflow ids that were (or, from the spool, will be) opened or told; none when nobody had to be. */
  readonly hold: (routed: RoutedAlerts) => Promise<readonly string[]>;
  /** To Temporal only, however long its turn takes. Throws `TemporalAway` or `Poison`. */
  readonly deliver: (routed: RoutedAlerts) => Promise<readonly string[]>;
  /** Keeps the alerts of one message for one incident that Temporal refuses where a person finds it. */
  readonly setAside: (routed: RoutedAlerts, refusal: Poison) => Promise<void>;
}

export interface IntakeParts {
  readonly deliver: Deliver;
  readonly storms: Storms;
  readonly spool: Spool;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly counts: Counts;
  /** Called when something went to the spool. */
  readonly onSpooled: (routed: RoutedAlerts) => void;
  /** Called when Temporal has taken something at once. */
  readonly onTold: (routed: RoutedAlerts) => void;
}

/** The way of one incident's routed alerts, in one lane after another. */
interface Turn {
  /** It went to the spool meanwhile. */
  gone: boolean;
}

interface Waiting {
  readonly routed: RoutedAlerts;
  readonly how: How;
  readonly turn: Turn;
  readonly resolve: (told: boolean) => void;
  readonly reject: (err: unknown) => void;
}

/** With the client's own 2 s for a call, the alerts of one message for one incident may have waited behind another. */
const TURN_MS = 2500;
const DISK_MS = 1500;
/** More calls at once make each slower, until all of them are late. */
const CALLS_AT_ONCE = 48;
/** More alerts merged at once would hold up everything else: this is about 10 ms. */
const ALERTS_AT_ONCE = 1000;

export function createIntake(parts: IntakeParts): Intake {
  const { deliver, storms, spool, log, counts, onSpooled, onTold } = parts;
  const slot = createSlots(CALLS_AT_ONCE);
  const lanes = createLanes<Waiting>((items) => slot(() => send(items)), {
    most: ALERTS_AT_ONCE,
    weigh: ({ routed }) => routed.alerts.length,
  });

  async function send(items: readonly Waiting[]): Promise<void> {
    const here = items.filter(({ turn }) => !turn.gone);
    if (here.length === 0) return;
    try {
      const told = await deliver(
        here.map(({ routed }) => routed),
        here.some(({ how }) => how === 'open') ? 'open' : 'tell',
      );
      counts.batches += 1;
      for (const { resolve } of here) resolve(told);
    } catch (err) {
      // One sender's broken message must not take the others' with it.
      if (judge(err) instanceof Poison && here.length > 1) for (const item of here) await send([item]);
      else for (const { reject } of here) reject(err);
    }
  }

  function enter(routed: RoutedAlerts, { how, turn }: Pick<Waiting, 'how' | 'turn'>): Promise<boolean> {
    const { promise, resolve, reject } = withResolvers();
    lanes.join(routed.opening.workflowId, { routed, how, turn, resolve, reject });
    return promise;
  }

  const pass = (routed: RoutedAlerts, turn: Turn): Promise<readonly string[]> =>
    storms.pass(routed, (one, how) => enter(one, { how, turn }));

  async function setAside(routed: RoutedAlerts, refusal: Poison): Promise<void> {
    counts.refused += 1;
    log.error({ err: refusal, workflowId: routed.opening.workflowId }, 'Temporal refuses an alert; it is set aside');
    await spool.setAside(refusal.message, routed);
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
    deliver: (routed) => pass(routed, { gone: false }),
    async hold(routed) {
      const turn = { gone: false };
      try {
        const told = await within(TURN_MS, pass(routed, turn));
        onTold(routed);
        return told;
      } catch (err) {
        turn.gone = true;
        const trouble = judge(err);
        if (trouble instanceof Poison) {
          await onDisk(setAside(routed, trouble));
          return [];
        }
        await onDisk(spool.append(routed));
        counts.spooled += 1;
        onSpooled(routed);
        const expected = storms.expected(routed);
        return expected === null ? [] : [expected];
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
