/** Who is on call, and whether a page reaches them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../api/api-client.ts';
import { incidentIn, incidentPath } from '../api/send-command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CommandSpec, CommandCall, CommandResult } from '../command.ts';
import { deliveryLine, headline, type ApiIncident } from '../text/incident-text.ts';
import { table, textsIn, wordOf } from '../text/terminal-text.ts';

/** One row of `GET /api/v1/oncall`; the server is believed only as far as it is understood. */
interface Row {
  readonly team?: unknown;
  readonly level?: unknown;
  readonly people?: unknown;
  readonly until?: unknown;
}

/** Who is paged first, second and so on, now. */
export const oncall: CommandSpec = {
  name: 'oncall',
  aliases: ['on-call', 'whoisoncall', 'who'],
  suggestedFor: ['rota', 'rotation', 'schedule', 'schedules', 'roster', 'shift'],
  about: 'show who is on call now, team by team and level by level',
  kind: 'api',
  options: [{ flags: '--team <team>', about: 'only this team' }],
  examples: ['tocsin oncall', 'tocsin oncall --team platform'],
  run: async ({ options, client }) => {
    const { body, status } = await client().get('/api/v1/oncall');
    if (!Array.isArray(body['oncall'])) {
      throw new CliError(EXIT.unavailable, `no answer: status ${status} without an on-call list`);
    }
    const team = options.text('team');
    const rows = (body['oncall'] as Row[]).filter((row) => team === undefined || row.team === team);
    if (team !== undefined && rows.length === 0) throw new CliError(EXIT.notFound, `not found: no team ${team}`);
    const text = rows.length === 0 ? 'no teams' : table(['team', 'level', 'people', 'until'], rows.map(cellsOf));
    return { text, json: { ...body, oncall: rows } };
  },
};

function cellsOf({ team, level, people, until }: Row): readonly string[] {
  const names = textsIn(people);
  return [
    wordOf(team),
    wordOf(level),
    names.length === 0 ? 'NOBODY' : names.join(', '),
    typeof until === 'string' ? until : 'further notice',
  ];
}

/** How long to wait until every method has settled, and how often to look, ms. A provider has 10 s to answer. */
const TIMEOUT_MS = 12_000;
const POLL_INTERVAL_MS = 400;

/** Proves the whole way of a page, from the server to a person's telephone, without waking anybody else. */
export const pageTest: CommandSpec = {
  name: 'page-test',
  aliases: ['test-page'],
  suggestedFor: ['page', 'test', 'ping'],
  about: 'send a test page to the person on call by every method, and see which ones work',
  kind: 'api',
  consequence: { undone: 'no test page was sent', uncertain: 'a test page was sent' },
  args: [{ name: 'person', about: 'who should get it; must be on call now', optional: true }],
  options: [{ flags: '--team <team>', about: 'the team (by default one where that person is on call)' }],
  examples: ['tocsin page-test --team platform', 'tocsin page-test ana'],
  run: async (call) => {
    const api = call.client();
    const body = { title: 'Test page', severity: 'SEV2', test: true, team: await teamOf(call, api) };
    const incident = incidentIn(await api.post('/api/v1/incidents', body));
    return outcome(await waitForPage(api, incident, call.args['person'] ?? null));
  },
};

async function teamOf({ args, options }: CommandCall, api: ApiClient): Promise<string> {
  const team = options.text('team');
  if (team !== undefined) return team;
  const person = args['person'];
  if (person === undefined) {
    throw new CliError(EXIT.usage, 'who should get the test page?', {
      hint: 'name a person or --team (tocsin page-test --help)',
    });
  }
  const { body } = await api.get('/api/v1/oncall');
  const rows: unknown[] = Array.isArray(body['oncall']) ? body['oncall'] : [];
  const found = (rows as (Row | null)[]).find((row) => row?.level === 1 && textsIn(row.people).includes(person));
  if (typeof found?.team === 'string') return found.team;
  throw new CliError(EXIT.refused, `${person} is not on call for any team now`, {
    hint: 'a test page goes to the person on call: name the --team instead',
  });
}

interface TestPage {
  readonly incident: ApiIncident;
  /** Of the person asked for, or of everybody. */
  readonly sent: NonNullable<ApiIncident['deliveries']>;
  readonly now: number;
}

async function waitForPage(api: ApiClient, declared: ApiIncident, person: string | null): Promise<TestPage> {
  const until = Date.now() + TIMEOUT_MS;
  for (;;) {
    const answer = await api.get(incidentPath(declared.workflowId));
    const incident = incidentIn(answer);
    const sent = (incident.deliveries ?? []).filter(({ to }) => person === null || to === person);
    const isSettled = sent.length > 0 && sent.every(({ state }) => state === 'accepted' || state === 'failed');
    if (isSettled || Date.now() > until) return { incident, sent, now: answer.now };
    await sleep(POLL_INTERVAL_MS);
  }
}

/** A line for each method. Done only when every one was accepted. */
function outcome({ incident, sent, now }: TestPage): CommandResult {
  const accepted = sent.filter(({ state }) => state === 'accepted').length;
  const went = sent.length > 0 && accepted === sent.length;
  const verdict =
    sent.length === 0
      ? 'no test page has gone out yet'
      : went
        ? 'the test page went out by every method'
        : `the test page was accepted by ${accepted} of ${sent.length} methods`;
  const hint = went ? [] : [`look again: tocsin show ${incident.workflowId}`];
  return {
    text: [verdict, headline(incident), ...sent.map((delivery) => deliveryLine(delivery, now)), ...hint].join('\n'),
    json: { ...incident, deliveries: sent },
    exitCode: went ? EXIT.done : sent.length === 0 ? EXIT.unavailable : EXIT.refused,
  };
}
