/**
 * Jest's order of test files, but the slow ones first: a file of three minutes that is begun last would keep one core
 * idle for as long. Jest finds the same order by itself where it has run before; a new machine has not.
 */
import sequencer from '@jest/test-sequencer';

const Sequencer = sequencer.default ?? sequencer;

/** Slowest first, measured on two cores. */
const SLOW = [
  'scenarios/fake-vendors',
  'faults/killed-processes',
  'faults/spool-replay',
  'e2e/real-senders',
  'scenarios/records-and-tickets',
  'scenarios/alert-routing',
  'faults/temporal-outage',
  'faults/several-servers-and-workers',
  'faults/heartbeats-and-self-check',
  'faults/storm',
  'embedded/up',
  'webhook-server/delivery/fallback-paging/page-person',
  'webhook-server/incidents/without-records',
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
