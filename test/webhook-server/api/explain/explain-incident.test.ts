/** `GET /api/v1/incidents/:id/explain`: why it is what it is, and who was paged and why. */
import { pagingAccount } from '../../../../domain/engine/explain.ts';
import type { IncidentEvent } from '../../../../domain/kernel/events.ts';
import type { Incident } from '../../../../domain/kernel/incident.ts';
import { toTimeline, toView } from '../../../../domain/engine/to-view.ts';
import { incidentExplained } from '../../../../webhook-server/api/explain.ts';
import type { IncidentExplained } from '../../../../webhook-server/api/explain/explain-incident.ts';
import { IncidentsUnavailable } from '../../../../webhook-server/incidents/incident-queries.ts';
import { afterEvents, firingIncident, atMinute, afterAlerts, afterCommand } from '../../../support/pure-incident.ts';
import { escalationEvents, nextEscalationStep } from '../../../../domain/escalation/escalation.ts';
import { look, startTestHttpServer, type TestHttpServerOptions } from '../../support/test-http-server.ts';

async function explained(
  incident: Incident,
  gateway: TestHttpServerOptions['gateway'] = {},
): Promise<IncidentExplained> {
  const edge = await startTestHttpServer({
    gateway: {
      show: () => Promise.resolve(toView(incident)),
      timeline: () => Promise.resolve(toTimeline(incident)),
      explain: () => Promise.resolve(pagingAccount(incident)),
      ...gateway,
    },
  });
  try {
    const answer = await look(edge, `/api/v1/incidents/${incident.workflowId}/explain`);
    expect(answer.status).toBe(200);
    const json = (await answer.json()) as IncidentExplained;
    expect(incidentExplained.safeParse(json).error?.issues).toBeUndefined();
    return json;
  } finally {
    await edge.close();
  }
}

/** The chain's next step, its page taken by Ana. */
function paged(incident: Incident): Incident {
  const due = nextEscalationStep(incident);
  if (due === null) throw new Error('nothing is due');
  const begun = afterEvents(incident, ...escalationEvents(incident, due, due.at));
  const order = begun.outbox.pages.at(-1);
  const key = `${incident.incidentId}/page/1.${begun.escalation.level}.1/ana.webhook`;
  const delivery = {
    at: due.at,
    to: 'ana',
    method: 'webhook',
    key,
    state: 'accepted',
    reason: null,
    level: 1,
  } as const;
  const event: IncidentEvent = {
    ...{ type: 'paged', at: due.at, requestNumber: order?.n ?? 0, deliveries: [delivery] },
    ...{ methods: 1, unknown: [], again: false },
  };
  return afterEvents(begun, event);
}

test('who was paged by which key with what result and why, and who is next', async () => {
  const { paged: pages, nobodyElse, paging, next } = await explained(paged(firingIncident()));
  expect(pages).toMatchObject([
    {
      ...{ to: 'ana', name: 'Ana Ruiz', method: 'webhook', state: 'accepted', reason: null },
      ...{ kind: 'page', cycle: 1, level: 1, attempt: 1, why: 'on call' },
    },
  ]);
  expect(nobodyElse).toMatch(/nobody has acknowledged/);
  expect(paging).toMatchObject({ state: 'due', escalation: { cycle: 1, level: 1 } });
  expect(next.map(({ kind }) => kind)).toContain('escalation');
});

test('why nobody else is paged', async () => {
  const begun = paged(firingIncident());
  const stateOf = async (incident: Incident) => {
    const { paging, nobodyElse } = await explained(incident);
    return [paging?.state, nobodyElse];
  };
  expect(await stateOf(afterCommand(begun, { type: 'acknowledge' }))).toEqual(['acknowledged', 'ana has it']);
  expect(await stateOf(firingIncident({ severity: 'SEV4' }))).toEqual(['never', 'a SEV4 pages nobody']);
  expect(await stateOf(paged(firingIncident({ test: true })))).toEqual(['test', 'a test pages level 1 once']);
  const cleared = afterAlerts(begun, 3, [{ status: 'resolved', endsAt: 1 }]).incident;
  expect(await stateOf(cleared)).toEqual(['cleared', expect.stringMatching(/is monitored/)]);
  const falseAlarm = afterCommand(begun, { type: 'declareFalseAlarm', reason: 'a load test' });
  expect(await stateOf(falseAlarm)).toEqual(['over', 'it is closed']);
  const exhausted = afterEvents(begun, { type: 'escalation-exhausted', at: atMinute(9), cycle: 1, last: true });
  expect(await stateOf(exhausted)).toEqual(['exhausted', expect.stringMatching(/escalation ran/)]);
  const owner = { ...begun.policy, owner: 'platform', levels: [['ana']] };
  expect(await stateOf({ ...begun, policy: owner })).toEqual(['elsewhere', expect.stringMatching(/PagerDuty/)]);
});

test('where its severity comes from: the declaration, and who or what changed it', async () => {
  const raised = afterAlerts(firingIncident({ severity: 'SEV3', severityGuessed: true }), 2, [
    { fingerprint: 'f2', severity: 'SEV1', title: 'Everything is down' },
  ]).incident;
  const { severity } = await explained(raised);
  expect(severity).toMatchObject({ now: 'SEV1', highest: 'SEV1', guessed: false });
  expect(severity.entries.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    expect.stringMatching(/^declared: .*\(guessed\)/),
    expect.stringMatching(/^severity-changed: .*Everything is down is SEV1/),
  ]);
});

test('the policy it runs by, and where that differs from today', async () => {
  const { policy } = await explained(firingIncident());
  expect(policy?.digest).toBe('test');
  expect(policy?.today).not.toBe('test');
  expect(policy?.differs).toEqual(expect.arrayContaining(['levels', 'leadership']));
  expect(policy?.differs).not.toContain('digest');
  expect((await explained(firingIncident({ team: 'gone' }))).policy?.today).toBeNull();
});

test('a workflow that cannot be asked leaves what the record says', async () => {
  const gone = { explain: () => Promise.reject(new IncidentsUnavailable('no worker')) };
  const { policy, paging, paged: pages, nobodyElse } = await explained(paged(firingIncident()), gone);
  expect([policy, paging, pages.length]).toEqual([null, null, 1]);
  expect(nobodyElse).toMatch(/could not be asked/);
});
