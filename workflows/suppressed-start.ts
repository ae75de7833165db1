/**
 * Before an incident that maintenance holds back: its alerts are gathered, and nobody hears of them. It ends when a
 * window does, or when something fires that no window holds back. What has cleared by then was never an incident.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  log,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import type { AlertBatch, AlertReport } from '../domain/kernel/alert.ts';

import { COMMAND_TYPES } from '../domain/kernel/commands.ts';
import { declarationAfterSuppression } from '../domain/alerts/suppressed-alerts.ts';
import type { Declaration } from '../domain/kernel/declaration.ts';
import type { SuppressedAlerts } from '../domain/alerts/suppressed-alerts.ts';
import {
  firingSuppressed,
  releaseAlerts,
  nextRelease,
  NOTHING_SUPPRESSED,
  suppressAlerts,
  windowsText,
  withEnd,
} from '../domain/alerts/suppressed-alerts.ts';
import type { Handover, SuppressedAnswer, IncidentInput, Refusal, WindowEnd } from './contract.ts';
import * as contract from './contract.ts';
import { mustHandOver } from './continue-as-new.ts';
import { signalWindows } from './steps/suppressed-alerts.ts';
import type { incidentWorkflow } from './incident.ts';

/** A run is begun by the signal that it holds back; without one, nothing is known to be held. */
const FIRST_SIGNAL_WITHIN = '1 minute';

type Held = IncidentInput & { readonly declaration: Declaration };

/** All that fired in the first message is held back. */
export function startsSuppressed(input: IncidentInput): input is Held {
  return 'declaration' in input && input.declaration.suppressed === true;
}

/** What begins now, with the alerts that it begins with. */
interface Begun {
  readonly input: IncidentInput;
  readonly batches: readonly AlertBatch[];
}

/** Resolves when an incident begins; with null when there is none, and this is over. */
export async function waitForRelease(
  declaration: Declaration,
  waiting: SuppressedAlerts = NOTHING_SUPPRESSED,
): Promise<Begun | null> {
  const hold = new SuppressedStart(declaration, waiting);
  hold.listen();
  if (waiting.suppressed.length === 0 && !(await condition(() => hold.changes > 0, FIRST_SIGNAL_WITHIN))) {
    return hold.begin();
  }
  for (;;) {
    const begun = hold.look();
    if (begun !== null) return begun;
    const end = nextRelease(hold.room);
    if (end === null) break;
    if (mustHandOver()) await continueAsNew<typeof incidentWorkflow>({ declaration, suppressedAlerts: hold.room });
    const seen = hold.changes;
    await condition(() => hold.changes !== seen, Math.max(1, end - Date.now()));
  }
  log.info('held back by maintenance, and cleared before its end: no incident', { title: declaration.title });
  await condition(allHandlersFinished);
  return null;
}

class SuppressedStart {
  room: SuppressedAlerts;
  /** Counts what was heard. */
  changes = 0;
  private readonly declaration: Declaration;
  private admitted: AlertBatch[] = [];
  private reopened: Handover | null = null;
  private readonly windowsTold = new Set<string>();

  constructor(declaration: Declaration, room: SuppressedAlerts) {
    this.declaration = declaration;
    this.room = room;
  }

  listen(): void {
    const heard = (takeIn: () => void): void => {
      takeIn();
      this.changes += 1;
    };
    setHandler(defineSignal<[AlertBatch]>(contract.ALERTS_SIGNAL), (batch) => heard(() => this.handleAlerts(batch)));
    setHandler(defineSignal<[WindowEnd]>(contract.WINDOW_END_SIGNAL), ({ window, until }) =>
      heard(() => (this.room = withEnd(this.room, window, until))),
    );
    setHandler(defineSignal<[Handover]>(contract.REOPEN_HANDOVER_SIGNAL), (handover) =>
      heard(() => this.acceptReopenHandover(handover)),
    );
    refusePeople(() => this.words());
  }

  /** Lets in whose time has come, and says whether that begins an incident. */
  look(): Begun | null {
    signalWindows(this.room, this.windowsTold, (id) => {
      this.room = withEnd(this.room, id, Date.now());
      this.changes += 1;
    });
    const { room, batches } = releaseAlerts(this.room, Date.now());
    this.room = room;
    this.admitted.push(...batches);
    setCurrentDetails(this.details());
    if (this.reopened !== null || firingIn(this.admitted).length > 0) return this.begin();
    return null;
  }

  begin(): Begun {
    setDefaultSignalHandler(undefined);
    const suppressedAlerts = this.room;
    const input: IncidentInput =
      this.reopened === null
        ? {
            declaration: declarationAfterSuppression(this.declaration, firingIn(this.admitted)),
            declaredAt: Date.now(),
            suppressedAlerts,
          }
        : { ...this.reopened, suppressedAlerts };
    return { input, batches: this.admitted };
  }

  private handleAlerts(batch: AlertBatch): void {
    const { suppressedAlerts, batch: left } = suppressAlerts(this.room, batch, {
      at: Date.now(),
      news: ({ status }) => (status === 'firing' ? 'fired' : 'cleared'),
      known: () => false,
    });
    this.room = suppressedAlerts;
    if (left !== null) this.admitted.push(left);
  }

  /** Somebody reopens the incident before this one, and people are never held back. */
  private acceptReopenHandover(handover: Handover): void {
    const taken = this.reopened === null;
    this.reopened ??= handover;
    getExternalWorkflowHandle(contract.postIncidentWorkflowId(handover.incident.incidentId))
      .signal(contract.REOPEN_HANDOVER_TAKEN_SIGNAL, taken)
      .catch(() => undefined);
  }

  private words(): string {
    const held = firingSuppressed(this.room).flatMap((report) => report.suppressedBy ?? []);
    return held.length === 0 ? 'maintenance' : `maintenance ${windowsText(this.room, held)}`;
  }

  private details(): string {
    const firing = firingSuppressed(this.room).length;
    return `**held back** by ${this.words()}: ${firing} firing alert${firing === 1 ? '' : 's'}, nobody is paged`;
  }
}

function firingIn(batches: readonly AlertBatch[]): readonly AlertReport[] {
  return batches.flatMap(({ alerts }) => alerts.filter(({ status }) => status === 'firing'));
}

/**
 * There is no incident that could be acknowledged or looked at. Commands as signals are dropped: kept, one from now
 * would acknowledge in advance what has not paged anybody yet.
 */
function refusePeople(words: () => string): void {
  setDefaultSignalHandler((name) => log.info('held back by maintenance: a signal is ignored', { name }));
  for (const query of [contract.INCIDENT_QUERY, contract.TIMELINE_QUERY, contract.EXPLAIN_QUERY]) {
    setHandler(defineQuery<SuppressedAnswer>(query), () => ({ suppressedBy: words() }));
  }
  setHandler(defineQuery<string[]>(contract.STORM_MEMBERS_QUERY), () => []);
  for (const type of COMMAND_TYPES) {
    const refuse = (): never => {
      const reason = `there is no incident: its alerts are held back by ${words()}`;
      const refusal: Refusal = { reason, phase: 'declared', allowed: [] };
      throw ApplicationFailure.nonRetryable(reason, contract.COMMAND_REFUSED, refusal);
    };
    setHandler(defineUpdate<void, [unknown]>(type), (_: unknown) => refuse(), { validator: (_: unknown) => refuse() });
  }
}
