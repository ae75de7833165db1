/** Amounts as people write them. */
import { readMoney, sumOf } from '../../../records/metrics/money.ts';

test.each([
  ['$45000', '$', 45_000],
  ['45,000 EUR', 'EUR', 45_000],
  ['€ 3.500,50', '€', 3500.5],
  ['1.2M USD', 'USD', 1_200_000],
  ['usd 10k', 'USD', 10_000],
  ["CHF 1'250'000.5", 'CHF', 1_250_000.5],
  ['45 000 €', '€', 45_000],
  ['1.234.567', '', 1_234_567],
  ['0.5', '', 0.5],
  ['12.5', '', 12.5],
  ['A$ 3 million', 'A$', 3_000_000],
  ['0', '', 0],
])('%s', (text, currency, amount) => {
  expect(readMoney(text)).toEqual({ currency, amount });
});

test.each(['', 'a lot', '-5', '10-20k EUR', '$', '1.2.3', '1,23,4', '$5 EUR', '5 apples', '1 2', '$1 and €2', '٣'])(
  '%j is no amount',
  (text) => {
    expect(readMoney(text)).toBeNull();
  },
);

test('sums are exact to the cent, one for each currency', () => {
  const cents = Array.from({ length: 10 }, () => ({ currency: '$', amount: 0.1 }));
  expect(sumOf([...cents, { currency: '€', amount: 1 }])).toEqual([
    { currency: '$', amount: 1 },
    { currency: '€', amount: 1 },
  ]);
  expect(sumOf([])).toEqual([]);
});
