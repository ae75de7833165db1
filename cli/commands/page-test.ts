import { setTimeout as sleep } from 'node:timers/promises';

import type { ApiResponse, ApiClient } from '../api/api-client.ts';
import type { CommandCall, CommandSpec, CommandResult } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { deliveryLines, headline, type ApiIncident } from '../text/incident-text.ts';
import { incidentIn } from '../api/send-command.ts';

/** How long to wait for the page to leave, and how often to look, ms. */
const TIMEOUT_MS = 8000;
const POLL_INTERVAL_MS = 400;

/** Proves the whole way of a page, from the server to a person's telephone, without waking anybody else. */
export const pageTest: CommandSpec = {
  name: 'page-test',
  aliases: ['test-page'],
  suggestedFor: ['page', 'test', 'ping'],
  about: 'send a test page to whoever is on call, and see whether it leaves',
  kind: 'api',
  consequence: { undone: 'no test page was sent', uncertain: 'a test page was sent' },
  args: [{ name: 'person', about: 'who should get it: must be on call now', optional: true }],
  options: [{ flags: '--team <team>', about: 'of which team (else a team where that person is on call)' }],
  examples: ['tocsin page-test --team platform', 'tocsin page-test ana'],
  run: async (call) => {
    const api = call.client();
    const body = { title: 'Test page', severity: 'SEV2', test: true, team: await teamOf(call, api) };
    const incident = incidentIn(await api.post('/api/v1/incidents', body));
    return outcome(await waitForPage(api, incident), call.args['person'] ?? null);
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
  const found = onCallOf(await api.get('/api/v1/oncall')).find(({ people }) => people.includes(person));
  if (found !== undefined) return found.team;
  throw new CliError(EXIT.refused, `${person} is not on call for any team now`, {
    hint: 'a test page goes to whoever is on call: name the --team instead',
  });
}

/** Level 1 of every team. */
function onCallOf({ body }: ApiResponse): readonly { team: string; people: readonly unknown[] }[] {
  const rows: unknown[] = Array.isArray(body['oncall']) ? body['oncall'] : [];
  return rows.flatMap((row) => {
    const { team, level, people } = (row ?? {}) as { team?: unknown; level?: unknown; people?: unknown };
    return typeof team === 'string' && level === 1 && Array.isArray(people)
      ? [{ team, people: people as unknown[] }]
      : [];
  });
}

async function waitForPage(api: ApiClient, declared: ApiIncident): Promise<{ incident: ApiIncident; now: number }> {
  const until = Date.now() + TIMEOUT_MS;
  for (;;) {
    const answer = await api.get(`/api/v1/incidents/${encodeURIComponent(declared.workflowId)}`);
    const incident = incidentIn(answer);
    if (incident.deliveries?.length || Date.now() > until) return { incident, now: answer.now };
    await sleep(POLL_INTERVAL_MS);
  }
}

function outcome({ incident, now }: { incident: ApiIncident; now: number }, person: string | null): CommandResult {
  const sent = (incident.deliveries ?? []).filter(({ to }) => person === null || to === person);
  const arrived = sent.some(({ state }) => state === 'accepted');
  const verdict = arrived
    ? 'the test page has left'
    : sent.length > 0
      ? 'the test page was NOT accepted'
      : 'no test page has left yet';
  const hint = arrived ? [] : [`look again with: tocsin show ${incident.workflowId}`];
  return {
    text: [verdict, headline(incident), ...deliveryLines({ ...incident, deliveries: sent }, now), ...hint].join('\n'),
    json: incident,
    exitCode: arrived ? EXIT.done : EXIT.unavailable,
  };
}
