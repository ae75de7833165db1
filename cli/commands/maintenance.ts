/** Maintenance windows: matching alerts are suppressed until a given end. */
import type { ApiResponse } from '../api/api-client.ts';
import { AS, type CommandOptions, type CommandSpec, type OptionSpec } from '../command.ts';
import { durationOf } from '../input/times.ts';
import { CliError, EXIT, noAnswer } from '../cli-error.ts';
import { table, wordOf } from '../text/terminal-text.ts';

/** A line of `GET /api/v1/maintenance`; the server is believed only as far as it is understood. */
type MaintenanceRow = Readonly<Record<string, unknown>>;

const UNTIL: OptionSpec = {
  flags: '--until <time>',
  about: '2026-11-21T22:00:00Z, or "2026-11-21 22:00" in the time zone of the organization',
};
const FOR: OptionSpec = { flags: '--for <length>', about: 'how long from now, such as 2h; instead of --until' };
const ID_OF_WINDOW = { name: 'window', about: 'its id, maintenance-…, as shown in the list' } as const;

export const maintenanceStart: CommandSpec = {
  name: 'maintenance start',
  suggestedFor: ['silence', 'mute', 'snooze', 'suppress', 'downtime', 'window', 'override'],
  about: 'suppress matching alerts from now on; whatever still fires at the end pages then',
  kind: 'api',
  options: [
    {
      flags: '--match <label=value>',
      about: 'alerts with this label; * and ? as in a route, all must match',
      required: true,
      many: true,
    },
    { flags: '--reason <text>', about: 'the reason for it', required: true },
    ...[FOR, UNTIL, AS],
  ],
  examples: ['tocsin maintenance start --match service=payments --for 2h --reason "disk swap"'],
  run: async ({ options, client }) => {
    const match = labelsOf(options.list('match'));
    const [reason, by] = [options.text('reason'), options.text('as')];
    const answer = await client().post('/api/v1/maintenance', { match, reason, ...endOf(options), by });
    const window = windowIn(answer);
    const text = `${wordOf(window['id'])}: suppresses ${matchOf(window)} until ${wordOf(window['until'])}`;
    return { text, json: answer.body };
  },
};

export const maintenanceList: CommandSpec = {
  name: 'maintenance list',
  aliases: ['maintenance ls'],
  about: 'list maintenance windows: those that people started, and those of the configuration',
  kind: 'api',
  examples: ['tocsin maintenance list', 'tocsin maintenance list --json'],
  run: async ({ client }) => {
    const { body, status } = await client().get('/api/v1/maintenance');
    const { maintenance: lines } = body;
    if (!Array.isArray(lines)) throw noMaintenanceAnswer(status);
    const head = ['id', 'suppresses', 'now', 'from', 'until', 'by', 'name'];
    return {
      text: lines.length === 0 ? 'no maintenance windows' : table(head, (lines as MaintenanceRow[]).map(cellsOf)),
      json: body,
    };
  },
};

export const maintenanceEnd: CommandSpec = {
  name: 'maintenance end',
  aliases: ['maintenance stop'],
  suggestedFor: ['unsilence', 'unmute', 'unsnooze'],
  about: 'end a window now: whatever it suppressed and still fires pages now',
  kind: 'api',
  args: [ID_OF_WINDOW],
  options: [AS],
  examples: ['tocsin maintenance end maintenance-01KB2Q4W6N8J0M3P5R7T9V1X3Z'],
  run: async ({ args, options, client }) => {
    const answer = await client().post(`${pathOf(args['window'])}/end`, { by: options.text('as') });
    return { text: `${wordOf(windowIn(answer)['id'])} ended`, json: answer.body };
  },
};

export const maintenanceExtend: CommandSpec = {
  name: 'maintenance extend',
  about: 'move the end of a window',
  kind: 'api',
  args: [ID_OF_WINDOW],
  options: [FOR, UNTIL, AS],
  examples: ['tocsin maintenance extend maintenance-01KB2Q4W6N8J0M3P5R7T9V1X3Z --for 1h'],
  run: async ({ args, options, client }) => {
    const body = { ...endOf(options), by: options.text('as') };
    const answer = await client().post(`${pathOf(args['window'])}/extend`, body);
    const window = windowIn(answer);
    return { text: `${wordOf(window['id'])} ends at ${wordOf(window['until'])}`, json: answer.body };
  },
};

const pathOf = (id = ''): string => `/api/v1/maintenance/${encodeURIComponent(id)}`;

/** Throws `CliError` (64) unless exactly one way of saying it is used. */
function endOf(options: CommandOptions): { until: string } | { for: string } {
  const [until, length] = [options.text('until'), options.text('for')];
  if (until !== undefined && length === undefined) return { until };
  if (length === undefined || until !== undefined)
    throw new CliError(EXIT.usage, 'say when it ends: either --for 2h or --until TIME, not both');
  durationOf(length, '--for');
  return { for: length };
}

function labelsOf(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at <= 0 || pair.slice(at + 1).trim() === '') {
        throw new CliError(EXIT.usage, '--match: write label=value, such as service=payments');
      }
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}

function windowIn({ status, body }: ApiResponse): MaintenanceRow {
  if (typeof body['id'] !== 'string' || !body['id'].startsWith('maintenance-')) throw noMaintenanceAnswer(status);
  return body;
}

const noMaintenanceAnswer = (status: number): CliError =>
  noAnswer(`no answer: status ${status} without a maintenance window`);

function cellsOf(line: MaintenanceRow): readonly string[] {
  const { id, name, by, from, until, active } = line;
  const weekly = id === null && from === null;
  return [
    ...[wordOf(id), matchOf(line), active === true ? 'active' : '–'],
    ...[weekly ? 'every week' : wordOf(from), wordOf(until), by === null ? 'configuration' : wordOf(by), wordOf(name)],
  ];
}

function matchOf({ match }: MaintenanceRow): string {
  if (typeof match !== 'object' || match === null) return '–';
  return Object.entries(match)
    .map(([label, value]) => `${label}=${wordOf(value)}`)
    .join(' ');
}
