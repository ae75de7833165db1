import type { CommandSpec } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { table } from '../text/terminal-text.ts';

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
  options: [{ flags: '--team <team>', about: 'of this team only' }],
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
  const names = Array.isArray(people) ? people.filter((name) => typeof name === 'string') : [];
  return [
    word(team),
    word(level),
    names.length === 0 ? 'NOBODY' : names.join(', '),
    typeof until === 'string' ? until : 'further notice',
  ];
}

function word(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '–';
}
