/**
 * What to call alerts when a person is woken: the name of the alert, the labels that tell it from its siblings, and its
 * summary where that says something; of several, how many and the names of the worst. RUNBOOK §3. Pure.
 */
import { ownValue } from './queries.ts';
import { SEVERITIES, type Severity } from './severity.ts';
import { truncate } from './text.ts';

type Labels = Readonly<Record<string, string>>;

/** Labels that tell where it is, the most telling first. */
const TELLING_LABELS = [
  'service',
  'app',
  'deployment',
  'statefulset',
  'daemonset',
  'job_name',
  'instance',
  'node',
  'host',
  'namespace',
  'pod',
  'persistentvolumeclaim',
  'horizontalpodautoscaler',
  'ingress',
  'device',
  'mountpoint',
  'queue',
  'topic',
  'database',
  'name',
  'cluster',
] as const;

/** They measure others: their own address says nothing of where the trouble is. */
const ADDRESS_TELLS_NOTHING = /^(kube-state-metrics|cert-manager|apiserver)$/;

const TELLING_AT_MOST = 3;
const LABEL_LENGTH = 60;

/** Prometheus and Grafana put these where a template of the rule could not be filled. */
const BROKEN_TEMPLATE = /<error expanding template|<no value>|\[no value\]|%!\w?\(|\{\{|\}\}/i;
/** What a template leaves where a label is empty: ` (instance )`. */
const EMPTY_PART = /\s*\(\s*\w+\s*[:=]?\s*\)/g;

/** `null` for a text that a broken template made, and for one without a word. */
function usable(text: string | undefined): string | null {
  if (text === undefined || BROKEN_TEMPLATE.test(text)) return null;
  const told = text.replaceAll(EMPTY_PART, '').trim();
  return /[\p{L}\p{N}]/u.test(told) ? told : null;
}

/** What a label says of where the trouble is. */
function tellingValue(labels: Labels, label: string): string | null {
  if (label === 'instance' && ADDRESS_TELLS_NOTHING.test(labels['job'] ?? '')) return null;
  return usable(ownValue(labels, label));
}

/**
 * `PostgresqlDown orders db-1:9187: Postgresql is down`. Null for an alert without a name, telling labels or a summary.
 * `summary`: the annotation as it was sent, on one line.
 */
export function alertTitle(labels: Labels, summary: string | undefined): string | null {
  const said = usable(summary);
  const name = usable(labels['alertname']);
  const told = `${name ?? ''} ${said ?? ''}`.toLowerCase();
  const values = TELLING_LABELS.flatMap((label) => tellingValue(labels, label) ?? []);
  const where = (values.length > 0 ? values : [tellingValue(labels, 'job') ?? []].flat())
    .filter((value, index, all) => !all.slice(0, index).some((before) => before.includes(value)))
    .filter((value) => !told.includes(value.toLowerCase()))
    .slice(0, TELLING_AT_MOST)
    .map((value) => truncate(value, LABEL_LENGTH));
  // A summary that begins with the alert's name needs no other beginning.
  if (name !== null && said?.startsWith(name)) return where.length > 0 ? `${said} (${where.join(' ')})` : said;
  const head = [name, ...where].filter((part) => part !== null);
  const isBroken = said === null && summary !== undefined && BROKEN_TEMPLATE.test(summary);
  const tail = said ?? (isBroken ? 'its summary is a broken template' : null);
  if (head.length === 0) return said;
  return tail === null ? head.join(' ') : `${head.join(' ')}: ${tail}`;
}

/** An alert as far as the title of its group needs it. */
export interface TitledAlert {
  readonly severity: Severity;
  /** Its own title. */
  readonly title: string;
  /** Its alertname; null: its title stands for it. */
  readonly name: string | null;
  readonly service: string | null;
  readonly labels: Labels;
}

/** Names of what is going to happen come after names of what has happened. */
const FORECAST = /will|soon|expir|predict|forecast/i;

/** The worst first; of equals, what has happened before what will; the first of those stays first. */
export function worstFirst<A extends Pick<TitledAlert, 'severity' | 'name'>>(alerts: readonly A[]): readonly A[] {
  const rank = ({ severity, name }: A): number =>
    SEVERITIES.indexOf(severity) * 2 + (name !== null && FORECAST.test(name) ? 1 : 0);
  return [...alerts].sort((a, b) => rank(a) - rank(b));
}

/** Names are listed until they are longer than this. */
const NAMES_LENGTH = 110;

/**
 * Of one alert its title; of several `8 alerts: PostgresqlDown, RedisDown and 4 more (shop, 2 services)`; of several by
 * one name `2 alerts: KubeJobFailed (batch), such as invoices-1: Job failed`. Null without any. `count`: how many there
 * are, where not all are given.
 */
export function groupTitle(alerts: readonly TitledAlert[], count = alerts.length): string | null {
  const ordered = worstFirst(alerts);
  const [worst] = ordered;
  if (worst === undefined || count === 1) return worst?.title ?? null;
  const names = [...new Set(ordered.map(({ name, title }) => name ?? truncate(title, LABEL_LENGTH)))];
  const where = placeOf(ordered);
  if (names.length === 1) return `${count} alerts: ${names[0]}${where}${exampleOf(worst)}`;
  const shown = names.filter((_, index) => names.slice(0, index + 1).join(', ').length <= NAMES_LENGTH || index === 0);
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return `${count} alerts: ${shown.join(', ')}${more}${where}`;
}

/** Labels that say where all of a group's alerts are, the most telling first. */
const COMMON_LABELS = ['service', 'app', 'deployment', 'namespace', 'instance', 'node', 'host', 'cluster'] as const;

/** ` (shop, 2 services)`: what all alerts have in common, and how many services they are of. */
function placeOf(alerts: readonly TitledAlert[]): string {
  const common = COMMON_LABELS.map((label) => {
    const values = new Set(alerts.map(({ labels }) => tellingValue(labels, label)));
    return values.size === 1 ? [...values][0] : null;
  }).find((value) => value !== null && value !== undefined);
  const services = new Set(alerts.flatMap(({ service }) => service ?? []));
  const [service = null] = services;
  const place = common ?? (services.size === 1 ? service : null);
  const parts = [place, services.size > 1 ? `${services.size} services` : null].filter((part) => part !== null);
  return parts.length === 0 ? '' : ` (${parts.map((part) => truncate(part, LABEL_LENGTH)).join(', ')})`;
}

/** `, such as invoices-1: Job failed`: the worst of alerts by one name. */
function exampleOf({ name, title }: TitledAlert): string {
  const rest = name !== null && title.startsWith(name) ? title.slice(name.length).trim() : title;
  return rest === '' || rest === name ? '' : `, such as ${rest.replace(/^[:(]\s*/, '')}`;
}
