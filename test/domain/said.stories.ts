/** Lives of incidents in which nearly everything is said that can be said. */
import type { AlertReport } from '../../domain/alert.ts';
import type { Story } from '../support/telling-story.ts';

const MIN = 60_000;
const clear = (fingerprint: string, startsAt: number): Partial<AlertReport> => ({
  fingerprint,
  startsAt,
  status: 'resolved',
});

export const STORIES: Readonly<Record<string, Story>> = {
  'worked by the book': {
    begins: { severity: 'SEV3', severityGuessed: true, summary: 'Carts are empty' },
    tell: ({ hear, say, tick, answerPages, wait }) => {
      hear({ fingerprint: 'f1', startsAt: 1, severity: 'SEV3' });
      say({ type: 'setSeverity', severity: 'SEV2', reason: 'half of the shops', by: 'bo' });
      tick();
      answerPages('reached');
      say({ type: 'acknowledge' });
      tick();
      say({ type: 'acknowledge', by: 'bo' });
      say({ type: 'assessImpact', summary: 'Orders are lost', by: 'bo' });
      say({
        type: 'assessImpact',
        summary: 'Orders are lost',
        scope: 'all',
        usersAffected: 12,
        dataLoss: true,
        revenueLost: '$9',
      });
      say({ type: 'setSeverity', severity: 'SEV1', reason: 'orders are lost' });
      say({ type: 'assignRole', role: 'communicationsLead', person: 'eve' });
      say({ type: 'assignRole', role: 'ic', person: 'bo' });
      tick();
      tick();
      say({ type: 'postUpdate', text: 'Found it', audience: 'internal', cause: 'the release', eta: 'soon' });
      say({ type: 'postUpdate', text: 'We found it.', audience: 'public', status: 'Identified' });
      say({ type: 'addNote', text: 'a note' });
      say({ type: 'decideMitigation', decision: 'rollback', reason: 'the release' });
      say({ type: 'reportMitigation', outcome: 'failed', text: 'no image' });
      say({ type: 'decideMitigation', decision: 'fix-forward', ticks: ['minor', 'understood', 'faster'] });
      say({ type: 'reportMitigation', outcome: 'failed' });
      say({ type: 'reportMitigation', outcome: 'worked', text: 'It holds!' });
      hear(clear('f1', 1));
      wait(MIN);
      hear({ fingerprint: 'f1', startsAt: 2, severity: 'SEV1' });
      say({ type: 'resolve', resolution: 'restarted' });
      say({ type: 'resolve', resolution: 'restarted', ignoreAlerts: ['f1'] });
      tick();
      tick();
      tick();
      say({ type: 'addActionItem', text: 'Watch the pool', owner: 'bo', due: '2026-12-01' });
      say({ type: 'addActionItem', text: 'Tell the shops' });
      say({ type: 'completeActionItem', item: 'a1' });
      say({ type: 'reopen', reason: 'it is back' });
      say({ type: 'resolve', resolution: 'really' });
      tick();
      tick();
      tick();
      say({ type: 'completePostmortem', url: 'https://wiki.example.com/pm' });
      say({ type: 'close', reason: 'done' });
    },
  },
  'nobody answers': {
    begins: { severity: 'SEV2' },
    tell: ({ hear, say, tick, answerPages }) => {
      hear({ fingerprint: 'f1', startsAt: 1 });
      tick();
      answerPages('reached');
      say({ type: 'decline', by: 'person-1' });
      tick();
      answerPages('nobody');
      tick();
      answerPages('unreached');
      say({ type: 'escalate', to: 'hal', reason: 'the database is his' });
      answerPages('reached');
      say({ type: 'escalate', reason: 'too big' });
      for (let n = 0; n < 8; n += 1) tick();
      hear({ fingerprint: 'f2', startsAt: 2, severity: 'SEV1', title: 'All of it' });
      say({ type: 'acknowledge', by: 'lea' });
      hear({ fingerprint: 'f1', startsAt: 1, status: 'resolved', vanished: true });
      hear(clear('f1', 1), clear('f2', 2));
      tick();
      tick();
      tick();
    },
  },
  'silent, and back': {
    begins: { severity: 'SEV1', declaredBy: 'cy' },
    tell: ({ hear, say, tick, answerPages, wait }) => {
      tick();
      answerPages('reached');
      say({ type: 'acknowledge' });
      for (let n = 0; n < 12; n += 1) tick();
      answerPages('reached');
      say({ type: 'acknowledge', by: 'person-2' });
      hear({ fingerprint: 'f1', startsAt: 9 });
      hear(clear('f1', 9));
      for (let n = 0; n < 3; n += 1) {
        wait(MIN);
        hear({ fingerprint: 'f1', startsAt: 10 + n });
        hear(clear('f1', 10 + n));
      }
      wait(MIN);
      hear({ fingerprint: 'f1', startsAt: 20 });
      hear(clear('f1', 20));
      for (let n = 0; n < 6; n += 1) tick();
      say({ type: 'movePolicy', by: 'admin' });
      say({ type: 'setSeverity', severity: 'SEV3', reason: 'only one shop' });
      say({ type: 'declareFalseAlarm', reason: 'a load test', by: 'bo' });
    },
  },
  'a test': {
    begins: { severity: 'SEV1', test: true, declaredBy: 'cy' },
    tell: ({ say, tick, answerPages }) => {
      tick();
      answerPages('reached');
      say({ type: 'acknowledge' });
      tick();
    },
  },
  restricted: {
    begins: { severity: 'SEV1', restricted: true },
    tell: ({ hear, say, tick }) => {
      hear({ fingerprint: 'f1', startsAt: 1, severity: 'SEV1' });
      tick();
      say({ type: 'acknowledge' });
      tick();
      say({ type: 'postUpdate', text: 'Keys are rotated', audience: 'internal' });
      say({ type: 'resolve', resolution: 'rotated', ignoreAlerts: ['f1'] });
      tick();
    },
  },
};
