/** What a firing after the end declares. */
import { expect, test } from '@jest/globals';
import { recurrenceDeclaration } from '../../../domain/alerts/recurrence.ts';
import { anAlert } from '../../support/builders.ts';
import { firingIncident } from '../../support/pure-incident.ts';

test('a recurrence is as bad as its worst alert, and says when that was guessed', () => {
  const guessed = anAlert({ fingerprint: 'f1', severity: 'SEV3', severityGuessed: true });
  const mild = anAlert({ fingerprint: 'f2', severity: 'SEV4' });
  const known = anAlert({ fingerprint: 'f3', severity: 'SEV2' });
  const declared = (...alerts: ReturnType<typeof anAlert>[]) => recurrenceDeclaration(firingIncident(), alerts, 'new');
  expect(declared(mild, guessed)).toMatchObject({ severity: 'SEV3', severityGuessed: true });
  expect(declared(guessed, known)).toMatchObject({ severity: 'SEV2', severityGuessed: false });
});
