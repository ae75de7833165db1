import { MockActivityEnvironment } from '@temporalio/testing';
import { createGatherEvidence } from '../../activities/outside-requests.ts';
import { DeliveryError } from '../../runtime/failures.ts';
import type { EvidenceCall, Links } from '../../activities/ports.ts';
import type { EvidenceRequest } from '../../activities/types.ts';

const REQUEST: EvidenceRequest = {
  hook: 'logs',
  key: 'E1/evidence/1/logs',
  incident: {
    ...{ reference: null, workflowId: 'inc-1', id: 'E1', severity: 'SEV1', title: 'Checkout fails' },
    ...{ team: 'platform', service: null },
  },
  from: Date.UTC(2026, 10, 21, 12),
  to: Date.UTC(2026, 10, 21, 13),
};
const links: Links = {
  incident: () => 'a signed address is for people',
  incidentUnsigned: (id) => `http://tocsin.test/incidents/${id}`,
  runbook: () => null,
  acknowledge: () => '',
};

/** What comes of it where the hook throws `thrown`, or takes it. */
async function gathered(thrown: Error | null, hook = 'logs') {
  const calls: EvidenceCall[] = [];
  const gather = async (call: EvidenceCall): Promise<void> => {
    calls.push(call);
    if (thrown !== null) throw thrown;
  };
  const activity = createGatherEvidence({ evidence: new Map([['logs', { gather }]]), links });
  const answer = await new MockActivityEnvironment().run(activity, { ...REQUEST, hook }).catch((err: unknown) => err);
  return { answer, calls };
}

test('[CARE-1] the hook hears the times as text, and where to look', async () => {
  const { answer, calls } = await gathered(null);
  expect(answer).toEqual({ problem: null });
  expect(calls).toEqual([
    {
      ...{ key: REQUEST.key, incident: REQUEST.incident, url: 'http://tocsin.test/incidents/inc-1' },
      ...{ from: '2026-11-21T12:00:00.000Z', to: '2026-11-21T13:00:00.000Z' },
    },
  ]);
});

test.each([
  ['the hook is gone', null, 'video', { problem: 'it is no longer in the configuration' }],
  ['it refuses for good', new DeliveryError('evidence', { status: 422 }), 'logs', { problem: 'evidence: HTTP 422' }],
])('[CARE-1] %s: that is its end', async (_what, thrown, hook, expected) => {
  expect((await gathered(thrown, hook)).answer).toEqual(expected);
});

test.each([
  [new DeliveryError('evidence', { status: 503 }), 'evidence: HTTP 503'],
  [new DeliveryError('evidence', { status: 401 }), 'evidence: HTTP 401'],
  [new Error('https://secret@logs.example'), 'failed'],
])('[CARE-1] %s is tried again, and nobody else’s words are kept', async (thrown, reason) => {
  const { answer } = await gathered(thrown);
  expect(answer).toMatchObject({ message: reason, nonRetryable: false, type: 'EvidenceNotTaken' });
});
