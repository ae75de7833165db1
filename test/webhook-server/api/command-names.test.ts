/** Names in commands: whoever and whatever is named must be there, and is told in the words of the workflow. */
import type { Command } from '../../../domain/kernel/commands.ts';
import { CommandRefused } from '../../../webhook-server/incidents/send-command.ts';
import { UnknownIncident } from '../../../webhook-server/incidents/incident-queries.ts';
import {
  bearer,
  look,
  startTestHttpServer,
  viewOf,
  HTTP_TEST_YAML,
  type TestHttpServer,
} from '../support/test-http-server.ts';
import { unavailableRecords } from '../support/test-records.ts';

const TARGET = 'inc-platform-00000000000000000002';
const FOUND = { workflowId: TARGET, reference: 'INC-2026-003', stateVersion: 1, seq: 1 };
let edge: TestHttpServer;
let told: Command[];
let command: (said: Command) => void;
beforeEach(async () => {
  told = [];
  command = () => undefined;
  edge = await startTestHttpServer({
    yaml: `${HTTP_TEST_YAML}actions: { "cache:clear": {} }\n`,
    records: {
      ...unavailableRecords(),
      findIncident: (id) =>
        Promise.resolve(
          id === 'INC-003' || id === TARGET
            ? { ...FOUND, incidentId: 'E1' }
            : id === 'INC-002'
              ? { ...FOUND, incidentId: 'E0' }
              : null,
        ),
    },
    gateway: {
      running: () => Promise.resolve({ incidents: [], isComplete: true }),
      show: (id) => {
        if (id === 'inc-none-1') return Promise.reject(new UnknownIncident(id));
        return Promise.resolve(viewOf({ workflowId: id, id: 'E1' }));
      },
      command: (_, said) => {
        command(said);
        told.push(said);
        return Promise.resolve({ changed: true, text: 'done', phase: 'closed', seq: 9 });
      },
    },
  });
});
afterEach(() => edge.close());

const say = (what: string, body: object): Promise<Response> =>
  edge.post(`/api/v1/incidents/inc-platform-1/${what}`, body, bearer(edge.tokens.responder));

test.each(['INC-003', 'inc-003', TARGET])(
  '[CMD-13] merge into %s reaches the incident as a workflow id',
  async (into) => {
    expect((await say('merge', { into })).status).toBe(200);
    expect(told).toMatchObject([{ type: 'merge', into: TARGET, by: 'ana' }]);
  },
);

test.each([
  ['INC-009', 404, 'no such incident to merge into'],
  ['inc-none-1', 404, 'no such incident to merge into'],
  ['the other one', 404, 'no such incident to merge into'],
  ['INC-002', 409, 'over, and a newer one has its place'],
])('[CMD-13] merge into %s: %i, and nobody is told', async (into, status, detail) => {
  const answer = await say('merge', { into });
  expect([answer.status, await answer.json()]).toMatchObject([
    status,
    { detail: expect.stringContaining(detail), problems: [{ at: 'into' }] },
  ]);
  expect(told).toEqual([]);
});

test('[CMD-12] an action that is not configured: 422 with those that are; one that is goes to the incident', async () => {
  const answer = await say('run-action', { action: 'db:drop' });
  expect([answer.status, await answer.json()]).toMatchObject([422, { detail: 'no such action; known: cache:clear' }]);
  expect(told).toEqual([]);
  expect((await say('run-action', { action: 'cache:clear' })).status).toBe(200);
  expect(told).toMatchObject([{ type: 'runAction', action: 'cache:clear' }]);
});

test('[CMD-2] what is possible instead is named as the routes are', async () => {
  command = () => {
    throw new CommandRefused({ reason: 'not now', phase: 'resolved', allowed: ['assessImpact', 'completePostmortem'] });
  };
  const answer = await say('move-policy', {});
  expect([answer.status, await answer.json()]).toMatchObject([
    409,
    { allowed: ['assess-impact', 'complete-postmortem'] },
  ]);
});

test('[LIFE-18] an incident is shown with the checklist of its IC', async () => {
  const shown = (await (await look(edge, '/api/v1/incidents/inc-platform-1')).json()) as { checklist: object };
  expect(shown.checklist).toMatchObject({
    during: expect.arrayContaining([{ item: 'Take command, announce in channel', done: false }]),
    resolution: expect.arrayContaining([{ item: 'Send all-clear message', done: false }]),
  });
});
