import { median, percentile, summarize } from '../../bench/stats.ts';

const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);

describe('the figures of the benchmark', () => {
  test('a percentile is a value that was measured, whatever the order', () => {
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile([7], 99)).toBe(7);
    expect(percentile([], 50)).toBeNaN();
  });

  test('the median of an even number of rounds lies between the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([1, 2, 4, 9])).toBe(3);
    expect(median([])).toBeNaN();
  });

  test('a summary counts what it sums up', () => {
    expect(summarize(hundred)).toEqual({ n: 100, p50: 50, p90: 90, p99: 99, max: 100 });
  });
});
