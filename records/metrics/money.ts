/**
 * Amounts of money as people write them: `$45000`, `45,000 EUR`, `1.2M USD`, `€ 3.500,50`. No database reads them, so
 * revenue lost is summed here. Pure.
 */
import type { MetricGroup, MetricValues } from './metrics.ts';

export interface Money {
  /** As it was written: `$`, `EUR`; empty when there was none. */
  readonly currency: string;
  readonly amount: number;
}

const FACTORS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, mn: 1e6, mio: 1e6, million: 1e6, b: 1e9, bn: 1e9 };
const AMOUNT =
  /^(?<before>\p{Sc}|[a-z]{0,3}\p{Sc}|[a-z]{3})?\s*(?<digits>\d[\d.,' ]*)(?:\s*(?<factor>k|mn|mio|million|m|bn|b)\b\.?)?\s*(?<after>\p{Sc}|[a-z]{3})?$/iu;

/** Null for anything but a single amount: "about a million", "-5", "10-20k EUR". */
export function readMoney(text: string): Money | null {
  const { before, digits, factor, after } = AMOUNT.exec(text.trim())?.groups ?? {};
  if (digits === undefined || (before !== undefined && after !== undefined)) return null;
  const amount = readNumber(digits);
  if (amount === null) return null;
  const times = factor === undefined ? 1 : (FACTORS[factor.toLowerCase()] ?? 1);
  return { currency: (before ?? after ?? '').toUpperCase(), amount: amount * times };
}

/** `1,234,567.89`, `1.234.567,89`, `1'234.5`, `45 000`: three digits after a single mark are thousands. */
function readNumber(text: string): number | null {
  const bare = text.trim().replace(/[' ](?=\d{3}(?!\d))/g, '');
  if (/[' ]/.test(bare)) return null;
  const marks = [...bare.matchAll(/[.,]/g)].map(([mark]) => mark);
  const last = marks.at(-1);
  if (last === undefined) return Number(bare);
  const isDecimal = marks.filter((mark) => mark === last).length === 1 && !/[.,]\d{3}$/.test(bare);
  const isBoth = new Set(marks).size === 2;
  const [whole = '', fraction = ''] = isDecimal || isBoth ? splitAt(bare, bare.lastIndexOf(last)) : [bare];
  if (!/^\d{1,3}([.,]\d{3})*$|^\d+$/.test(whole) || !/^\d*$/.test(fraction)) return null;
  return Number(`${whole.replace(/[.,]/g, '')}.${fraction || '0'}`);
}

const splitAt = (text: string, at: number): readonly [string, string] => [text.slice(0, at), text.slice(at + 1)];

/** One sum for each currency, in order of first appearance. */
export function sumOf(amounts: readonly Money[]): readonly Money[] {
  const sums = new Map<string, number>();
  for (const { currency, amount } of amounts) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return [...sums].map(([currency, amount]) => ({ currency, amount: Math.round(amount * 100) / 100 }));
}

export interface RevenueRow {
  readonly severity: string;
  readonly team: string;
  readonly month: number;
  readonly text: string;
}

export interface Revenues {
  /** `key`: a severity, a team, or the index of a month; ignored for `totals`. */
  of(group: MetricGroup | 'totals', key: string | number): MetricValues['revenueLost'];
}

export function revenueOf(rows: readonly RevenueRow[], groups: readonly MetricGroup[]): Revenues {
  const texts = new Map<string, string[]>();
  const add = (name: string, text: string): void => void texts.set(name, [...(texts.get(name) ?? []), text]);
  for (const row of rows) {
    add('totals', row.text);
    for (const group of groups) add(nameOf(group, row[group]), row.text);
  }
  return { of: (group, key) => summed(texts.get(group === 'totals' ? group : nameOf(group, key)) ?? []) };
}

const nameOf = (group: MetricGroup, key: string | number): string => `${group} ${key}`;

function summed(texts: readonly string[]): MetricValues['revenueLost'] {
  const amounts = texts.map(readMoney);
  const read = amounts.filter((amount) => amount !== null);
  return { incidents: texts.length, sums: sumOf(read), unread: amounts.length - read.length };
}
