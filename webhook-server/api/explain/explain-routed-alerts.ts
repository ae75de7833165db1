/** What a message would do to one incident, and who would be paged. Asks the gateway, for a bounded time. */
import type { Config } from '../../../config/config.ts';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import { isOpen, type Outcome, type Phase } from '../../../domain/kernel/phase.ts';
import { isWorse, worstOf, type Severity } from '../../../domain/kernel/severity.ts';
import type { IncidentView } from '../../../domain/engine/view.ts';
import type { IncidentsGateway, RoutedAlerts } from '../../incidents/gateway.ts';
import { IncidentsUnavailable, UnknownIncident } from '../../incidents/incident-queries.ts';
import { withTimeout } from '../../delivery/circuit-breaker.ts';
import { incidentUrl } from '../../../config/routing.ts';
import { pagingPlan, type PagingPlan } from './paging-plan.ts';

export interface RoutedAlertsExplained {
  readonly workflowId: string;
  readonly url: string;
  readonly title: string;
  readonly team: string;
  readonly service: string | null;
  readonly severity: Severity;
  readonly severityGuessed: boolean;
  readonly test: boolean;
  readonly restricted: boolean;
  readonly firing: number;
  readonly resolved: number;
  /** What is there now. `unknown`: neither Temporal nor a worker answered in time. */
  readonly now: CurrentIncident;
  /** What the message would do, in a sentence. */
  readonly effect: string;
  /** Maintenance that suppresses everything that fires: its windows, and until when (RFC 3339); null: none does. */
  readonly suppressed: { readonly windows: readonly string[]; readonly until: string } | null;
  /** The storm that it would join instead; null: none. */
  readonly storm: string | null;
  /** Of the stages that suppress, deduplicate and fold storms. */
  readonly reasons: readonly string[];
  /** If it opened an incident now; null where it opens none. */
  readonly paging: PagingPlan | null;
}

export type CurrentIncident =
  | { readonly state: 'none' | 'unknown' }
  | {
      readonly state: 'open' | 'over';
      readonly reference: string | null;
      readonly phase: Phase;
      readonly outcome: Outcome | null;
      readonly severity: Severity;
      readonly ic: string | null;
    };

export interface ExplainRoutedAlertsContext {
  readonly config: Config;
  readonly gateway: Pick<IncidentsGateway, 'show' | 'preview'>;
  readonly receivedAt: number;
}

/** A query's own time, and a little. */
const TIMEOUT_MS = 3_000;

export async function explainRoutedAlerts(
  received: RoutedAlerts,
  { config, gateway, receivedAt }: ExplainRoutedAlertsContext,
): Promise<RoutedAlertsExplained> {
  const { routed, destination, reasons } = gateway.preview(received);
  const suppressed = suppressionOf(routed);
  const { declaration, alerts } = routed;
  const { workflowId, title, team, service, severity, severityGuessed, test, restricted } = declaration;
  const view = await viewOf(gateway, workflowId);
  const firing = alerts.filter(({ status }) => status === 'firing');
  const expected = destination.workflowId;
  const isOpenNow = typeof view === 'object' && isOpen(view.phase);
  const storm = !isOpenNow && expected !== null && expected !== workflowId ? expected : null;
  const effect = storm === null ? effectOf(view, { alerts, firing, test }) : `joins the storm ${storm}`;
  return {
    workflowId,
    url: incidentUrl(config, workflowId),
    title,
    team,
    service,
    severity,
    severityGuessed,
    test,
    restricted,
    firing: firing.length,
    resolved: alerts.length - firing.length,
    now: currentIncidentOf(view),
    effect: suppressed === null ? effect : suppressedEffect(suppressed, effect),
    suppressed,
    storm,
    reasons,
    paging:
      firing.length === 0 || isOpenNow || storm !== null || suppressed !== null
        ? null
        : pagingPlan(config, declaration, receivedAt),
  };
}

function suppressionOf(routed: RoutedAlerts): RoutedAlertsExplained['suppressed'] {
  if (!routed.declaration.suppressed) return null;
  const windows = routed.alerts.flatMap(({ suppressedBy = [] }) => suppressedBy);
  const until = Math.max(...windows.map((one) => one.until));
  return { windows: [...new Set(windows.map(({ window }) => window))], until: new Date(until).toISOString() };
}

const suppressedEffect = ({ windows, until }: NonNullable<RoutedAlertsExplained['suppressed']>, then: string): string =>
  `nothing before ${until}: suppressed by maintenance ${windows.join(', ')}; if it still fires then, it ${then}`;

async function viewOf(
  { show }: ExplainRoutedAlertsContext['gateway'],
  workflowId: string,
): Promise<IncidentView | 'none' | 'unknown'> {
  try {
    return await withTimeout(TIMEOUT_MS, show(workflowId), () => new IncidentsUnavailable('no answer in time'));
  } catch (error) {
    if (error instanceof UnknownIncident) return 'none';
    if (error instanceof IncidentsUnavailable) return 'unknown';
    throw error;
  }
}

function currentIncidentOf(view: IncidentView | 'none' | 'unknown'): CurrentIncident {
  if (typeof view === 'string') return { state: view };
  const { reference, phase, outcome, severity, roles } = view;
  return { state: isOpen(phase) ? 'open' : 'over', reference, phase, outcome, severity, ic: roles.ic };
}

interface MessageAlerts {
  readonly alerts: readonly AlertReport[];
  readonly firing: readonly AlertReport[];
  readonly test: boolean;
}

function effectOf(view: IncidentView | 'none' | 'unknown', { alerts, firing, test }: MessageAlerts): string {
  if (view === 'unknown') {
    return firing.length === 0
      ? 'resolves alerts of its incident, if there is one'
      : 'joins its incident if there is one, else opens it: could not be found out in time';
  }
  if (view === 'none') {
    if (firing.length === 0) return 'nothing: these alerts have resolved, and no incident has them';
    return test ? 'opens a test incident, which pages level 1 once and ends by itself' : 'opens an incident';
  }
  const newAlerts = firing.filter((alert) => !isKnownFiring(view, alert));
  const name = view.reference ?? view.workflowId;
  if (!isOpen(view.phase)) {
    return newAlerts.length === 0
      ? `nothing new: ${name} is over and has these alerts`
      : `opens a new incident, as a recurrence of ${name}`;
  }
  if (newAlerts.length === 0)
    return alerts.length > firing.length ? `resolves alerts of ${name}` : `nothing new: ${name} has these alerts`;
  const worst = worstOf(newAlerts.map(({ severity }) => severity));
  if (worst !== null && isWorse(worst, view.severity)) {
    return `joins ${name}, raises it from ${view.severity} to ${worst}, and pages ${view.roles.ic ?? 'level 1'}`;
  }
  if (view.phase === 'monitoring') return `reopens ${name}: it fires again while its fix is monitored`;
  return `joins ${name} on its timeline, and pages nobody again`;
}

/** The same firing, as far as the view keeps its alerts. */
function isKnownFiring({ alerts }: IncidentView, { fingerprint, startsAt, startGuessed }: AlertReport): boolean {
  return alerts.some(
    (known) =>
      known.fingerprint === fingerprint &&
      (Date.parse(known.startsAt) === startsAt || (startGuessed && known.status === 'firing')),
  );
}
