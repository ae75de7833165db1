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
