/** Percentiles and medians of measured times. Pure; every length is in milliseconds. */
export interface Summary {
  readonly n: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest-rank percentile; `NaN` for no values. `p` is 0–100. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil((p / 100) * sorted.length)));
  return sorted[rank - 1] ?? NaN;
}

/** The middle value, or the mean of the two in the middle; `NaN` for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return (lower + upper) / 2;
}

export function summarize(values: readonly number[]): Summary {
  const at = (p: number) => round(percentile(values, p));
  return { n: values.length, p50: at(50), p90: at(90), p99: at(99), max: at(100) };
}

/** Two decimals: finer than this is noise. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export function markdownTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...body.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)].join('\n');
}

/** A dash for what was not measured. */
export function show(value: number, digits: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(digits);
}

/** The part of a fetched (or JSON) history that is read: each event holds one field named `…EventAttributes`. */
interface HistoryLike {
  readonly events?: readonly object[] | null;
}

export interface EventCounts {
  readonly total: number;
  /** `workflowTaskScheduled`, `activityTaskStarted`, `timerStarted` … → how many; most frequent first. */
  readonly byType: Readonly<Record<string, number>>;
}

const SUFFIX = 'EventAttributes';

/** What an incident costs the Temporal server. */
export function countEvents({ events }: HistoryLike): EventCounts {
  const byType = new Map<string, number>();
  for (const event of events ?? []) {
    const type = typeOf(event);
    byType.set(type, (byType.get(type) ?? 0) + 1);
  }
  return {
    total: events?.length ?? 0,
    byType: Object.fromEntries([...byType].sort(([a, n], [b, m]) => m - n || a.localeCompare(b))),
  };
}

function typeOf(event: object): string {
  const attributes = Object.entries(event).find(([name, value]) => name.endsWith(SUFFIX) && value != null);
  return attributes === undefined ? 'unknown' : attributes[0].slice(0, -SUFFIX.length);
}
