import { SEVERITIES } from '../../domain/severity.ts';
import { ID, type Call, type CommandSpec, type Result } from '../command.ts';
import { CliError, EXIT } from '../failure.ts';
import { GROUPS, manyOf, NARROWING, pathOfMany } from '../report/many.ts';
import { manyText } from '../report/many-text.ts';
import { reportOf } from '../report/report.ts';
import { reportText } from '../report/report-text.ts';
import { incidentOf, pathOf, timelineOf } from './tell.ts';

/** One incident for those who were not there; without an ID what all of them come to. */
export const report: CommandSpec = {
  name: 'report',
  suggestedFor: ['stats', 'statistics', 'metrics', 'summary', 'mttr'],
  about: 'report on an incident, or without ID on many: how long things took, and what they cost',
  kind: 'api',
  args: [{ ...ID, optional: true }],
  options: [
    { flags: '--by <group>', about: 'of many: a line for each severity (unless said), team or month', choices: GROUPS },
    { flags: '--since <length>', about: 'of many: declared in the last 30d, 12h …; all unless said' },
    { flags: '--from <time>', about: 'of many: declared from this day (2026-11-01) or moment on' },
    { flags: '--to <time>', about: 'of many: declared until the end of this day, or before this moment' },
    { flags: '--team <team>', about: 'of many: of this team only' },
    { flags: '--severity <severity>', about: 'of many: whose worst was this', choices: SEVERITIES },
  ],
  examples: [
    'tocsin report INC-2026-003',
    'tocsin report --since 30d',
    'tocsin report --by month --from 2026-01-01 --team platform --json',
  ],
  run: async (call) => (call.args['id'] === undefined ? ofMany(call) : ofOne(call, call.args['id'])),
};

async function ofMany({ options, client }: Call): Promise<Result> {
  const group = GROUPS.find((name) => name === options.text('by')) ?? 'severity';
  const answer = await client().get(pathOfMany(options, group, Date.now()));
  return { text: manyText(manyOf(answer), group), json: answer.body };
}

async function ofOne({ options, client }: Call, id: string): Promise<Result> {
  const other = NARROWING.find((name) => options.text(name) !== undefined);
  if (other !== undefined) throw new CliError(EXIT.usage, `--${other} is about many incidents: leave it or the ID out`);
  const api = client();
  const { body, ...answer } = await api.get(pathOf(id));
  const incident = incidentOf({ body, ...answer });
  const { timeline, cut } = timelineOf(await api.get(`${pathOf(id)}/timeline`));
  const report = reportOf({ incident, timeline, cut, now: answer.now });
  return { text: reportText(report, answer.now), json: report };
}
