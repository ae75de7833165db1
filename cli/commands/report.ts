import { SEVERITIES } from '../../domain/kernel/severity.ts';
import { ID, type CommandCall, type CommandSpec, type CommandResult } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { METRICS_GROUP_BY, metricsReportIn, METRICS_OPTIONS, metricsPath } from '../report/metrics-report.ts';
import { metricsReportText } from '../report/metrics-report.ts';
import { reportOf } from '../report/incident-report.ts';
import { reportText } from '../report/incident-report.ts';
import { incidentIn, incidentPath, timelineIn } from '../api/send-command.ts';

/** One incident for those who were not there; without an ID what all of them come to. */
export const report: CommandSpec = {
  name: 'report',
  suggestedFor: ['stats', 'statistics', 'metrics', 'summary', 'mttr'],
  about: 'report on an incident, or without ID on many: how long things took and what they cost',
  kind: 'api',
  args: [{ ...ID, optional: true }],
  options: [
    {
      flags: '--by <group>',
      about: 'without ID: a line for each severity (the default), team or month',
      choices: METRICS_GROUP_BY,
    },
    { flags: '--since <length>', about: 'without ID: declared in the last 30d, 12h …; by default all' },
    { flags: '--from <time>', about: 'without ID: declared from this day (2026-11-01) or moment on' },
    { flags: '--to <time>', about: 'without ID: declared until the end of this day, or before this moment' },
    { flags: '--team <team>', about: 'without ID: only this team' },
    {
      flags: '--severity <severity>',
      about: 'without ID: only incidents whose worst severity was this',
      choices: SEVERITIES,
    },
  ],
  examples: [
    'tocsin report INC-2026-003',
    'tocsin report --since 30d',
    'tocsin report --by month --from 2026-01-01 --team platform --json',
  ],
  run: async (call) => (call.args['id'] === undefined ? reportMetrics(call) : reportIncident(call, call.args['id'])),
};

async function reportMetrics({ options, client }: CommandCall): Promise<CommandResult> {
  const group = METRICS_GROUP_BY.find((name) => name === options.text('by')) ?? 'severity';
  const answer = await client().get(metricsPath(options, group, Date.now()));
  return { text: metricsReportText(metricsReportIn(answer), group), json: answer.body };
}

async function reportIncident({ options, client }: CommandCall, id: string): Promise<CommandResult> {
  const other = METRICS_OPTIONS.find((name) => options.text(name) !== undefined);
  if (other !== undefined)
    throw new CliError(EXIT.usage, `--${other} is for reports over many incidents: leave out either it or the ID`);
  const api = client();
  const { body, ...answer } = await api.get(incidentPath(id));
  const incident = incidentIn({ body, ...answer });
  const { timeline, cut } = timelineIn(await api.get(`${incidentPath(id)}/timeline`));
  const report = reportOf({ incident, timeline, cut, now: answer.now });
  return { text: reportText(report, answer.now), json: report };
}
