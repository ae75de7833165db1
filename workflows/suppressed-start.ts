/**
 * The start of an incident that maintenance suppresses: alerts are gathered and nobody is notified. It ends when a
 * window ends, or when an alert fires that no window covers. If everything has cleared by then, there is no incident.
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
import { described, describedCommand } from './handler-descriptions.ts';
import * as contract from './contract.ts';
import { mustHandOver } from './incident-run.ts';
import { signalWindows } from './steps/suppressed-alerts.ts';
import type { incidentWorkflow } from './incident.ts';

/** The signal that starts the run carries its first alerts; if it does not arrive in this time, the incident starts. */
const FIRST_SIGNAL_WITHIN = '1 minute';

/** The incident that starts now, and its first alerts. */
interface ReleasedIncident {
  readonly input: IncidentInput;
  readonly batches: readonly AlertBatch[];
}

/** Resolves when an incident starts; with null when there will be none. */
export async function waitForRelease(
  declaration: Declaration,
  waiting: SuppressedAlerts = NOTHING_SUPPRESSED,
): Promise<ReleasedIncident | null> {
  const start = new SuppressedStart(declaration, waiting);
  start.installHandlers();
  if (waiting.suppressed.length === 0 && !(await condition(() => start.changes > 0, FIRST_SIGNAL_WITHIN))) {
    return start.startIncident();
  }
  for (;;) {
    const released = start.releaseDue();
    if (released !== null) return released;
    const end = nextRelease(start.suppressedAlerts);
    if (end === null) break;
    if (mustHandOver())
      await continueAsNew<typeof incidentWorkflow>({ declaration, suppressedAlerts: start.suppressedAlerts });
    const seen = start.changes;
    await condition(() => start.changes !== seen, Math.max(1, end - Date.now()));
  }
  log.info('held back by maintenance, and cleared before its end: no incident', { title: declaration.title });
  await condition(allHandlersFinished);
  return null;
}

class SuppressedStart {
  suppressedAlerts: SuppressedAlerts;
  /** Counts the signals received. */
  changes = 0;
  private readonly declaration: Declaration;
  private admitted: AlertBatch[] = [];
  private reopened: Handover | null = null;
  private readonly signaledWindows = new Set<string>();

  constructor(declaration: Declaration, suppressedAlerts: SuppressedAlerts) {
    this.declaration = declaration;
    this.suppressedAlerts = suppressedAlerts;
  }

  installHandlers(): void {
    const changed = (apply: () => void): void => {
      apply();
      this.changes += 1;
    };
    const on = <Argument>(name: Parameters<typeof described>[0], handle: (argument: Argument) => void): void =>
      setHandler(defineSignal<[Argument]>(name), (argument) => changed(() => handle(argument)), described(name));
    on<AlertBatch>(contract.ALERTS_SIGNAL, (batch) => this.handleAlerts(batch));
    on<WindowEnd>(contract.WINDOW_END_SIGNAL, ({ window, until }) => {
      this.suppressedAlerts = withEnd(this.suppressedAlerts, window, until);
    });
    on<Handover>(contract.REOPEN_HANDOVER_SIGNAL, (handover) => this.acceptReopenHandover(handover));
    refuseCommands(() => this.windowsInWords());
  }

  /** Releases alerts whose windows have ended. Returns the incident if that starts one. */
  releaseDue(): ReleasedIncident | null {
    signalWindows(this.suppressedAlerts, this.signaledWindows, (id) => {
      this.suppressedAlerts = withEnd(this.suppressedAlerts, id, Date.now());
      this.changes += 1;
    });
    const { suppressedAlerts, batches } = releaseAlerts(this.suppressedAlerts, Date.now());
    this.suppressedAlerts = suppressedAlerts;
    this.admitted.push(...batches);
    setCurrentDetails(this.details());
    if (this.reopened !== null || firingIn(this.admitted).length > 0) return this.startIncident();
    return null;
  }

  startIncident(): ReleasedIncident {
    setDefaultSignalHandler(undefined);
    setCurrentDetails(''); // no longer held back
    const suppressedAlerts = this.suppressedAlerts;
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
    const { suppressedAlerts, batch: left } = suppressAlerts(this.suppressedAlerts, batch, {
      at: Date.now(),
      news: ({ status }) => (status === 'firing' ? 'fired' : 'cleared'),
      known: () => false,
    });
    this.suppressedAlerts = suppressedAlerts;
    if (left !== null) this.admitted.push(left);
  }

  /** Somebody reopens the previous incident. Maintenance never suppresses what people do. */
  private acceptReopenHandover(handover: Handover): void {
    const taken = this.reopened === null;
    this.reopened ??= handover;
    getExternalWorkflowHandle(contract.postIncidentWorkflowId(handover.incident.incidentId))
      .signal(contract.REOPEN_HANDOVER_TAKEN_SIGNAL, taken)
      .catch(() => undefined);
  }

  private windowsInWords(): string {
    const windows = firingSuppressed(this.suppressedAlerts).flatMap((report) => report.suppressedBy ?? []);
    return windows.length === 0 ? 'maintenance' : `maintenance ${windowsText(this.suppressedAlerts, windows)}`;
  }

  private details(): string {
    const firing = firingSuppressed(this.suppressedAlerts).length;
    return `**held back** by ${this.windowsInWords()}: ${firing} firing alert${firing === 1 ? '' : 's'}, nobody is paged`;
  }
}

function firingIn(batches: readonly AlertBatch[]): readonly AlertReport[] {
  return batches.flatMap(({ alerts }) => alerts.filter(({ status }) => status === 'firing'));
}

/**
 * There is no incident yet to acknowledge or look at. Commands sent as signals are dropped: if they were kept, one
 * could acknowledge an incident before it has paged anybody.
 */
function refuseCommands(windowsInWords: () => string): void {
  setDefaultSignalHandler((name) => log.info('held back by maintenance: a signal is ignored', { name }));
  for (const query of [contract.INCIDENT_QUERY, contract.TIMELINE_QUERY, contract.EXPLAIN_QUERY] as const) {
    setHandler(defineQuery<SuppressedAnswer>(query), () => ({ suppressedBy: windowsInWords() }), described(query));
  }
  setHandler(defineQuery<string[]>(contract.STORM_MEMBERS_QUERY), () => [], described(contract.STORM_MEMBERS_QUERY));
  for (const type of COMMAND_TYPES) {
    const refuse = (): never => {
      const reason = `there is no incident: its alerts are held back by ${windowsInWords()}`;
      const refusal: Refusal = { reason, phase: 'declared', allowed: [] };
      throw ApplicationFailure.nonRetryable(reason, contract.COMMAND_REFUSED, refusal);
    };
    setHandler(defineUpdate<void, [unknown]>(type), (_: unknown) => refuse(), {
      validator: (_: unknown) => refuse(),
      ...describedCommand(type),
    });
  }
}
