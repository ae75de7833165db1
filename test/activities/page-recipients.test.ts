/** Whom a page reaches when the configuration does not know the people it names. */
import { pageablePeople } from '../../activities/page-recipients.ts';
import { pagedIncident } from '../../domain/escalation/page-requests.ts';
import { OUTSIDE_ESCALATION, type PageReason } from '../../domain/kernel/outbox.ts';
import { createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import { declaredIncident } from '../support/pure-incident.ts';

const NOW = Date.UTC(2026, 10, 23, 10);

function reached(reason: PageReason, { level, names }: { readonly level: number; readonly names: readonly string[] }) {
  const { ports } = createLedger(DEFAULT_ROSTER, {});
  const pageRequest = {
    ...{ n: 1, reason, cycle: 1, targets: [{ level, attempt: 1, names }], method: 'all' as const },
    ...{ except: [], dueAt: NOW, startsLevel: false, accepted: [] },
  };
  const incident = pagedIncident(declaredIncident({ severity: 'SEV1' }));
  const { people, unknownNames } = pageablePeople(ports, { incident, pageRequest, test: false }, NOW);
  return { people: people.map(({ recipient }) => recipient.person), unknownNames };
}

test('a token bound to nobody has the incident, which gets worse: the on-call is paged instead', () => {
  const page = reached('severity-raised', { level: OUTSIDE_ESCALATION, names: ['admin'] });
  expect(page).toEqual({ people: DEFAULT_ROSTER.onCall, unknownNames: ['admin'] });
});

test('somebody else is named beside an unknown one: only that person is paged', () => {
  const page = reached('severity-raised', { level: OUTSIDE_ESCALATION, names: ['admin', 'bo'] });
  expect(page).toEqual({ people: ['bo'], unknownNames: ['admin'] });
});

test('a level of which nobody is left pages nobody: the escalation goes on to the next', () => {
  expect(reached('escalation', { level: 2, names: ['gone'] })).toEqual({ people: [], unknownNames: ['gone'] });
});
