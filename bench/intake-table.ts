/** The intake's results as text: a line a measurement, the table beside the no-op server, the figures for the targets. */
import type { LoadResult } from './client.ts';
import type { IntakeResult } from './intake.ts';
import { markdownTable, show, median } from './stats.ts';

export interface IntakeFigures {
  readonly repeats: number;
  readonly large: readonly { readonly what: string; readonly ackMs: number; readonly loopMs: number }[];
  /** Load → p99 of small webhooks under it. */
  readonly webhookP99: Readonly<Record<string, number>>;
  readonly frozen: number;
  readonly spool: number;
  readonly durableAfter: number;
  readonly namedAfter: number;
  readonly lost: number;
}

/** Medians of the rounds; of what must never happen, the worst. */
export function figuresOf(results: readonly IntakeResult[]): IntakeFigures {
  const middle = (read: (result: IntakeResult) => number): number => median(results.map(read));
  const worst = (read: (result: IntakeResult) => number): number => Math.max(...results.map(read));
  const shapes = results[0]?.large ?? [];
  const large = shapes.map(({ what }, n) => ({
    what,
    // One that was refused was never taken.
    ackMs: worst(({ large: all }) => (all[n]?.status === 202 ? all[n].ackMs : Infinity)),
    loopMs: worst(({ large: all }) => all[n]?.loopMs ?? NaN),
  }));
  const meanwhile = shapes.map(({ what }, n) => [
    `beside 10,000 alerts, ${what}`,
    middle(({ large: all }) => all[n]?.webhook.p99 ?? NaN),
  ]);
  return {
    repeats: middle(({ repeats }) => repeats.perSecond),
    large,
    webhookP99: {
      repeats: middle(({ repeats }) => repeats.ack.p99),
      ...(Object.fromEntries(meanwhile) as Record<string, number>),
      'folded storm': middle(({ storm }) => storm.sent.ack.p99),
    },
    frozen: worst(({ frozen }) => frozen.slowest),
    spool: middle(({ spool }) => spool.perSecond),
    durableAfter: middle(({ storm }) => storm.durableAfter),
    namedAfter: middle(({ storm }) => storm.namedAfter),
    lost: worst(
      ({ storm, repeats, frozen }) => storm.lost + refusedOf(storm.sent) + refusedOf(repeats) + refusedOf(frozen),
    ),
  };
}

const refusedOf = ({ errors }: LoadResult): number => Object.values(errors).reduce((sum, n) => sum + n, 0);

export function renderIntake(results: readonly IntakeResult[]): string {
  const rows = results.flatMap(({ round, repeats, noop, large, frozen, storm, spool }) => [
    [`${round} repeats`, ...of(repeats)],
    [`${round} the same to a no-op server`, ...of(noop)],
    ...large.map(({ what, webhook }) => [
      `${round} small ones beside 10,000 alerts, ${what}`,
      ...['', show(webhook.p50, 1), show(webhook.p99, 1), show(webhook.max, 1), ''],
    ]),
    [`${round} Temporal hangs`, ...of(frozen)],
    [`${round} storm, folded`, ...of(storm.sent)],
    [
      `${round} spool appends`,
      show(spool.perSecond, 0),
      show(spool.append.p50, 1),
      show(spool.append.p99, 1),
      show(spool.append.max, 1),
      '',
    ],
  ]);
  return markdownTable(['intake, by round', '/s', 'p50 ms', 'p99 ms', 'max ms', 'refused'], rows);
}

const of = (hammered: LoadResult): string[] => {
  const { perSecond, ack, slowest } = hammered;
  return [show(perSecond, 0), show(ack.p50, 1), show(ack.p99, 1), show(slowest, 1), String(refusedOf(hammered))];
};

const errors = (hammered: LoadResult): string =>
  Object.entries(hammered.errors)
    .map(([what, n]) => `, ${n} × ${what}`)
    .join('');

export function describeSteady({
  repeats,
  noop,
  large,
  frozen,
}: Pick<IntakeResult, 'repeats' | 'noop' | 'large' | 'frozen'>): string {
  return [
    `repeats ${repeats.perSecond}/s p99 ${repeats.ack.p99}${errors(repeats)} (no-op ${noop.perSecond}/s p99 ${noop.ack.p99})`,
    ...large.map(
      ({ what, megabytes, status, ackMs, loopMs, health, webhook }) =>
        `10,000 alerts, ${what}, ${megabytes} MB: ${status} after ${ackMs}, loop ${loopMs}, /healthz max ${health.max}, webhook p99 ${webhook.p99}`,
    ),
    `Temporal hangs: ${frozen.ack.n} taken, slowest ${frozen.slowest}${errors(frozen)}`,
  ].join('  |  ');
}

export function describeNamed({ alerts, sent, durableAfter, namedAfter, lost, pages }: IntakeResult['storm']): string {
  return [
    `storm of ${alerts}: ${sent.perSecond}/s p99 ${sent.ack.p99}${errors(sent)}`,
    `durable ${durableAfter} s and named ${namedAfter} s after the last POST, ${lost} LOST, ${pages} pages`,
  ].join('  |  ');
}

export function describeSpool({ perSecond, bytesEach, append }: IntakeResult['spool']): string {
  return `spool ${perSecond}/s of ${bytesEach} bytes, p99 ${append.p99}`;
}
