/** Why an incident is what it is, and why it paged whom it paged: from its record, its timeline and its own account. */
import type { Config } from '../../../config/config.ts';
import { policyFor } from '../../../config/policy.ts';
import type { PagingAccount } from '../../../domain/engine/explain.ts';
import type { IncidentView, TimelineEntryView } from '../../../domain/engine/view.ts';
import { explainDelivery, type DeliveryExplained } from './explain-delivery.ts';

export interface IncidentExplained {
  readonly reference: string | null;
  readonly workflowId: string;
  readonly id: string;
  readonly title: string;
  readonly phase: IncidentView['phase'];
  readonly source: string;
  /** Where its alerts meet, in a sentence. */
  readonly identity: string;
  readonly severity: {
    readonly now: string;
    readonly highest: string;
    readonly guessed: boolean;
    /** The lines that say why: the declaration, and each change. */
    readonly entries: readonly TimelineEntryView[];
  };
  /** Null where the workflow could not be asked, or is gone. */
  readonly policy: {
    readonly digest: string;
    /** Of today's configuration; null: its team is gone. */
    readonly today: string | null;
    /** Where the two differ, as dotted paths. */
    readonly differs: readonly string[];
  } | null;
  readonly paged: readonly DeliveryExplained[];
  readonly next: IncidentView['deadlines'];
  readonly paging: Pick<PagingAccount, 'state' | 'next' | 'escalation' | 'waiting'> | null;
  /** Why somebody is paged next, or nobody else is. */
  readonly nobodyElse: string;
}

export interface IncidentFacts {
  readonly view: IncidentView;
  readonly timeline: readonly TimelineEntryView[];
  /** Null: it could not be asked, or is gone. */
  readonly account: PagingAccount | null;
}

const SEVERITY_ENTRIES: readonly string[] = ['declared', 'severity-changed'];

export function explainIncident({ view, timeline, account }: IncidentFacts, config: Config): IncidentExplained {
  const { id, reference, workflowId, title, phase, severity, highestSeverity, severityGuessed } = view;
  const leadership = account?.leadershipPaged ?? [];
  return {
    id,
    reference,
    workflowId,
    title,
    phase,
    source: view.source,
    identity: identitySentence(view),
    severity: {
      now: severity,
      highest: highestSeverity,
      guessed: severityGuessed,
      entries: timeline.filter(({ kind }) => SEVERITY_ENTRIES.includes(kind)),
    },
    policy: account === null ? null : policyExplained(account, view, config),
    paged: view.deliveries.map((delivery) => explainDelivery(delivery, { view, leadership, config })),
    next: view.deadlines,
    paging: account === null ? null : pagingExplained(account),
    nobodyElse: account === null ? 'its workflow could not be asked, or is gone' : whyNobodyElse(account, view),
  };
}

function identitySentence({ workflowId, source, declaredBy, team, recurrenceOf }: IncidentView): string {
  const again = recurrenceOf === null ? '' : `; it is a recurrence of ${recurrenceOf}`;
  if (workflowId.startsWith('storm-')) return `the storm of team ${team}${again}`;
  return declaredBy === null
    ? `team ${team} and the correlation key of the first alerts from ${source}: alerts with the same join it${again}`
    : `declared by ${declaredBy}: its key is that request's, so no alert joins it by itself${again}`;
}

function policyExplained(
  { policy }: PagingAccount,
  { team, service }: IncidentView,
  config: Config,
): IncidentExplained['policy'] {
  const today = policyFor(config, team, service);
  const differs = today === null ? [] : jsonDifferences(policy, today).filter((path) => path !== 'digest');
  return { digest: policy.digest, today: today?.digest ?? null, differs };
}

function pagingExplained({ state, next, escalation, waiting }: PagingAccount): IncidentExplained['paging'] {
  return { state, next, escalation: escalation, waiting };
}

function whyNobodyElse({ state, policy, escalation, next }: PagingAccount, view: IncidentView): string {
  switch (state) {
    case 'due':
      return `nobody has acknowledged: ${(next?.names ?? []).join(', ') || 'the next level'} is next`;
    case 'over':
      return `it is ${view.phase}`;
    case 'acknowledged':
      return `${view.acknowledgedBy ?? 'somebody'} has it`;
    case 'answered':
      return 'somebody works on it, which stops the escalation like an acknowledgement';
    case 'cleared':
      return 'all alerts have resolved: the incident is monitored, and the escalation continues if one fires again';
    case 'test':
      return 'a test pages level 1 once';
    case 'exhausted':
      return `the escalation ran ${escalation.cycleInRun} times, the most for a ${view.severity}`;
    case 'in-doubt':
      return 'its source no longer has what fired, and people were asked; the escalation goes on if an alert is reported again';
    case 'never':
      return `a ${view.severity} pages nobody`;
    case 'elsewhere':
      return `PagerDuty (${policy.owner ?? '?'}) has the page and escalates it`;
  }
}

/** A policy that was rewritten needs no longer list. */
const LISTED = 20;

/** Dotted paths, in the order of `a`; lists are compared whole. */
function jsonDifferences(a: unknown, b: unknown, path = ''): readonly string[] {
  if (!isObject(a) || !isObject(b)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [path];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const below = names.flatMap((name) => jsonDifferences(a[name], b[name], path === '' ? name : `${path}.${name}`));
  return below.slice(0, LISTED);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
