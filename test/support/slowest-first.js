/**
 * Jest's order of test files, but the slow ones first: a file of three minutes that is begun last would keep one core
 * idle for as long. Jest finds the same order by itself where it has run before; a new machine has not.
 */
import sequencer from '@jest/test-sequencer';

const Sequencer = sequencer.default ?? sequencer;

/** Slowest first, measured on two cores. */
const SLOW = [
  'scenarios/voices',
  'faults/kill',
  'faults/spool-replay',
  'e2e/senders',
  'scenarios/records',
  'scenarios/from-monitoring',
  'faults/edge-outage',
  'faults/many',
  'faults/watching',
  'faults/storm',
  'embedded/up',
  'webhook-server/fallback-paging/reaching',
  'webhook-server/without-records',
  'cli/document-004',
  'webhook-server/hostile/hostile',
  'deploy/image',
  'records/any-order',
];

export default class SlowestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
}

function rank({ path }) {
  const at = SLOW.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return at === -1 ? SLOW.length : at;
}
