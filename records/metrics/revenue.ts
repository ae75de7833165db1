/** Revenue lost, group by group: people write amounts in their own way, which no database reads. Pure. */
import type { MetricGroup, MetricValues } from './metrics.ts';
import { readMoney, sumOf } from './money.ts';

type RevenueLost = MetricValues['revenueLost'];

export interface RevenueRow {
  readonly severity: string;
  readonly team: string;
  readonly month: number;
  readonly text: string;
}

export interface Revenues {
  /** `key`: a severity, a team, or the place of a month; any for `totals`. */
  of(group: MetricGroup | 'totals', key: string | number): RevenueLost;
}

export function revenueOf(rows: readonly RevenueRow[], groups: readonly MetricGroup[]): Revenues {
  const texts = new Map<string, string[]>();
  const add = (name: string, text: string): void => {
    const known = texts.get(name);
    if (known === undefined) texts.set(name, [text]);
    else known.push(text);
  };
  for (const row of rows) {
    add('totals', row.text);
    for (const group of groups) add(nameOf(group, row[group]), row.text);
  }
  return { of: (group, key) => summed(texts.get(group === 'totals' ? group : nameOf(group, key)) ?? []) };
}

const nameOf = (group: MetricGroup, key: string | number): string => `${group} ${key}`;

function summed(texts: readonly string[]): RevenueLost {
  const amounts = texts.map(readMoney);
  const read = amounts.filter((amount) => amount !== null);
  return { incidents: texts.length, sums: sumOf(read), unread: amounts.length - read.length };
}
