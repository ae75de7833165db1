/** `GET /api/v1/incidents/:id/explain`: why it is what it is, and who was paged and why. */
import { pagingAccount } from '../../../domain/explain.ts';
import type { IncidentEvent } from '../../../domain/events.ts';
import type { Incident } from '../../../domain/incident.ts';
import { toTimeline, toView } from '../../../domain/to-view.ts';
import { incidentExplainedSchema } from '../../../webhook-server/openapi/explain-schemas.ts';
import type { IncidentExplained } from '../../../webhook-server/explain/incident.ts';
import { Unavailable } from '../../../webhook-server/gateway.ts';
import { after, alarmed, at, heard, told } from '../../support/play.ts';
import { chainEvents, nextInChain } from '../../../domain/escalation.ts';
import { look, openHttpEdge, type EdgeOptions } from '../support/http-edge.ts';

async function explained(incident: Incident, gateway: EdgeOptions['gateway'] = {}): Promise<IncidentExplained> {
  const edge = await openHttpEdge({
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
    expect(incidentExplainedSchema.safeParse(json).error?.issues).toBeUndefined();
    return json;
  } finally {
    await edge.close();
  }
}

/** The chain's next step, its page taken by Ana. */
function paged(incident: Incident): Incident {
  const due = nextInChain(incident);
  if (due === null) throw new Error('nothing is due');
  const begun = after(incident, ...chainEvents(incident, due, due.at));
  const order = begun.orders.pages.at(-1);
  const key = `${incident.incidentId}/page/1.${begun.chain.level}.1/ana.webhook`;
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
    ...{ type: 'paged', at: due.at, order: order?.n ?? 0, deliveries: [delivery] },
    ...{ methods: 1, unknown: [], again: false },
  };
  return after(begun, event);
}

test('who was paged by which key with what result and why, and who is next', async () => {
  const { paged: pages, nobodyElse, paging, next } = await explained(paged(alarmed()));
  expect(pages).toMatchObject([
    {
      ...{ to: 'ana', name: 'Ana Ruiz', method: 'webhook', state: 'accepted', reason: null },
      ...{ kind: 'page', cycle: 1, level: 1, attempt: 1, why: 'on call' },
    },
  ]);
  expect(nobodyElse).toMatch(/nobody has acknowledged/);
  expect(paging).toMatchObject({ state: 'due', chain: { cycle: 1, level: 1 } });
  expect(next.map(({ kind }) => kind)).toContain('escalation');
});

test('why nobody else is paged', async () => {
  const begun = paged(alarmed());
  const stateOf = async (incident: Incident) => {
    const { paging, nobodyElse } = await explained(incident);
    return [paging?.state, nobodyElse];
  };
  expect(await stateOf(told(begun, { type: 'acknowledge' }))).toEqual(['acknowledged', 'ana has it']);
  expect(await stateOf(alarmed({ severity: 'SEV4' }))).toEqual(['never', 'a SEV4 pages nobody']);
  expect(await stateOf(paged(alarmed({ test: true })))).toEqual(['test', 'a test pages the on-call level once']);
  const cleared = heard(begun, 3, [{ status: 'resolved', endsAt: 1 }]).incident;
  expect(await stateOf(cleared)).toEqual(['cleared', expect.stringMatching(/the watch runs/)]);
  const falseAlarm = told(begun, { type: 'declareFalseAlarm', reason: 'a load test' });
  expect(await stateOf(falseAlarm)).toEqual(['over', 'it is closed']);
  const exhausted = after(begun, { type: 'escalation-exhausted', at: at(9), cycle: 1, last: true });
  expect(await stateOf(exhausted)).toEqual(['exhausted', expect.stringMatching(/walked/)]);
  const owner = { ...begun.policy, owner: 'platform', levels: [['ana']] };
  expect(await stateOf({ ...begun, policy: owner })).toEqual(['elsewhere', expect.stringMatching(/PagerDuty/)]);
});

test('where its severity comes from: the declaration, and who or what changed it', async () => {
  const raised = heard(alarmed({ severity: 'SEV3', severityGuessed: true }), 2, [
    { fingerprint: 'f2', severity: 'SEV1', title: 'Everything is down' },
  ]).incident;
  const { severity } = await explained(raised);
  expect(severity).toMatchObject({ now: 'SEV1', highest: 'SEV1', guessed: false });
  expect(severity.lines.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    expect.stringMatching(/^declared: .*severity guessed/),
    expect.stringMatching(/^severity-changed: .*Everything is down is SEV1/),
  ]);
});

test('the policy it runs by, and where that differs from today', async () => {
  const { policy } = await explained(alarmed());
  expect(policy?.digest).toBe('test');
  expect(policy?.today).not.toBe('test');
  expect(policy?.differs).toEqual(expect.arrayContaining(['levels', 'leadership']));
  expect(policy?.differs).not.toContain('digest');
  expect((await explained(alarmed({ team: 'gone' }))).policy?.today).toBeNull();
});

test('a workflow that cannot be asked leaves what the record says', async () => {
  const gone = { explain: () => Promise.reject(new Unavailable('no worker')) };
  const { policy, paging, paged: pages, nobodyElse } = await explained(paged(alarmed()), gone);
  expect([policy, paging, pages.length]).toEqual([null, null, 1]);
  expect(nobodyElse).toMatch(/could not be asked/);
});
