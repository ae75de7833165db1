/** Lives of incidents in which nearly everything is said that can be said. */
import type { AlertReport } from '../../domain/kernel/alert.ts';
import type { MessageScenario } from '../support/outgoing-messages.ts';

const MIN = 60_000;
const clear = (fingerprint: string, startsAt: number): Partial<AlertReport> => ({
  fingerprint,
  startsAt,
  status: 'resolved',
});

export const MESSAGE_SCENARIOS: Readonly<Record<string, MessageScenario>> = {
  'worked by the book': {
    declaration: { severity: 'SEV3', severityGuessed: true, summary: 'Carts are empty' },
    run: ({ receiveAlerts, execute, advanceToNextDeadline, answerPages, advanceMs }) => {
      receiveAlerts({ fingerprint: 'f1', startsAt: 1, severity: 'SEV3' });
      execute({ type: 'setSeverity', severity: 'SEV2', reason: 'half of the shops', by: 'bo' });
      advanceToNextDeadline();
      answerPages('reached');
      execute({ type: 'acknowledge' });
      advanceToNextDeadline();
      execute({ type: 'acknowledge', by: 'bo' });
      execute({ type: 'assessImpact', summary: 'Orders are lost', by: 'bo' });
      execute({
        type: 'assessImpact',
        summary: 'Orders are lost',
        scope: 'all',
        usersAffected: 12,
        dataLoss: true,
        revenueLost: '$9',
      });
      execute({ type: 'setSeverity', severity: 'SEV1', reason: 'orders are lost' });
      execute({ type: 'assignRole', role: 'communicationsLead', person: 'eve' });
      execute({ type: 'assignRole', role: 'ic', person: 'bo' });
      advanceToNextDeadline();
      advanceToNextDeadline();
      execute({ type: 'postUpdate', text: 'Found it', audience: 'internal', cause: 'the release', eta: 'soon' });
      execute({ type: 'postUpdate', text: 'We found it.', audience: 'public', status: 'Identified' });
      execute({ type: 'addNote', text: 'a note' });
      execute({ type: 'decideMitigation', decision: 'rollback', reason: 'the release' });
      execute({ type: 'reportMitigation', outcome: 'failed', text: 'no image' });
      execute({ type: 'decideMitigation', decision: 'fix-forward', ticks: ['minor', 'understood', 'faster'] });
      execute({ type: 'reportMitigation', outcome: 'failed' });
      execute({ type: 'reportMitigation', outcome: 'worked', text: 'It holds!' });
      receiveAlerts(clear('f1', 1));
      advanceMs(MIN);
      receiveAlerts({ fingerprint: 'f1', startsAt: 2, severity: 'SEV1' });
      execute({ type: 'resolve', resolution: 'restarted' });
      execute({ type: 'resolve', resolution: 'restarted', ignoreAlerts: ['f1'] });
      advanceToNextDeadline();
      advanceToNextDeadline();
      advanceToNextDeadline();
      execute({ type: 'addActionItem', text: 'Watch the pool', owner: 'bo', due: '2026-12-01' });
      execute({ type: 'addActionItem', text: 'Tell the shops' });
      execute({ type: 'completeActionItem', item: 'a1' });
      execute({ type: 'reopen', reason: 'it is back' });
      execute({ type: 'resolve', resolution: 'really' });
      advanceToNextDeadline();
      advanceToNextDeadline();
      advanceToNextDeadline();
      execute({ type: 'completePostmortem', url: 'https://wiki.example.com/pm' });
      execute({ type: 'close', reason: 'done' });
    },
  },
  'nobody answers': {
    declaration: { severity: 'SEV2' },
    run: ({ receiveAlerts, execute, advanceToNextDeadline, answerPages }) => {
      receiveAlerts({ fingerprint: 'f1', startsAt: 1 });
      advanceToNextDeadline();
      answerPages('reached');
      execute({ type: 'decline', by: 'person-1' });
      advanceToNextDeadline();
      answerPages('nobody');
      advanceToNextDeadline();
      answerPages('unreached');
      execute({ type: 'escalate', to: 'hal', reason: 'the database is his' });
      answerPages('reached');
      execute({ type: 'escalate', reason: 'too big' });
      for (let n = 0; n < 8; n += 1) advanceToNextDeadline();
      receiveAlerts({ fingerprint: 'f2', startsAt: 2, severity: 'SEV1', title: 'All of it' });
      execute({ type: 'acknowledge', by: 'lea' });
      receiveAlerts({ fingerprint: 'f1', startsAt: 1, status: 'resolved', vanished: true });
      receiveAlerts(clear('f1', 1), clear('f2', 2));
      advanceToNextDeadline();
      advanceToNextDeadline();
      advanceToNextDeadline();
    },
  },
  'silent, and back': {
    declaration: { severity: 'SEV1', declaredBy: 'cy' },
    run: ({ receiveAlerts, execute, advanceToNextDeadline, answerPages, advanceMs }) => {
      advanceToNextDeadline();
      answerPages('reached');
      execute({ type: 'acknowledge' });
      for (let n = 0; n < 12; n += 1) advanceToNextDeadline();
      answerPages('reached');
      execute({ type: 'acknowledge', by: 'person-2' });
      receiveAlerts({ fingerprint: 'f1', startsAt: 9 });
      receiveAlerts(clear('f1', 9));
      for (let n = 0; n < 3; n += 1) {
        advanceMs(MIN);
        receiveAlerts({ fingerprint: 'f1', startsAt: 10 + n });
        receiveAlerts(clear('f1', 10 + n));
      }
      advanceMs(MIN);
      receiveAlerts({ fingerprint: 'f1', startsAt: 20 });
      receiveAlerts(clear('f1', 20));
      for (let n = 0; n < 6; n += 1) advanceToNextDeadline();
      execute({ type: 'movePolicy', by: 'admin' });
      execute({ type: 'setSeverity', severity: 'SEV3', reason: 'only one shop' });
      execute({ type: 'declareFalseAlarm', reason: 'a load test', by: 'bo' });
    },
  },
  'a test': {
    declaration: { severity: 'SEV1', test: true, declaredBy: 'cy' },
    run: ({ execute, advanceToNextDeadline, answerPages }) => {
      advanceToNextDeadline();
      answerPages('reached');
      execute({ type: 'acknowledge' });
      advanceToNextDeadline();
    },
  },
  restricted: {
    declaration: { severity: 'SEV1', restricted: true },
    run: ({ receiveAlerts, execute, advanceToNextDeadline }) => {
      receiveAlerts({ fingerprint: 'f1', startsAt: 1, severity: 'SEV1' });
      advanceToNextDeadline();
      execute({ type: 'acknowledge' });
      advanceToNextDeadline();
      execute({ type: 'postUpdate', text: 'Keys are rotated', audience: 'internal' });
      execute({ type: 'resolve', resolution: 'rotated', ignoreAlerts: ['f1'] });
      advanceToNextDeadline();
    },
  },
};
