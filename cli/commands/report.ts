import { ID, type CommandSpec } from '../command.ts';
import { CliError, EXIT } from '../failure.ts';
import { reportOf } from '../report/report.ts';
import { reportText } from '../report/report-text.ts';
import { incidentOf, pathOf, timelineOf } from './tell.ts';

/** One incident for those who were not there. */
export const report: CommandSpec = {
  name: 'report',
  about: 'report on an incident: how long things took, who was in it, what happened',
  kind: 'api',
  args: [{ ...ID, optional: true }],
  examples: ['tocsin report INC-2026-003', 'tocsin report INC-2026-003 --json'],
  run: async ({ args, client }) => {
    const id = args['id'];
    if (id === undefined) {
      throw new CliError(EXIT.usage, 'report is about one incident: name its ID', {
        hint: 'a report over many is not built yet; tocsin list --all shows which incidents there are',
      });
    }
    const api = client();
    const { body, ...answer } = await api.get(pathOf(id));
    const incident = incidentOf({ body, ...answer });
    const { timeline, cut } = timelineOf(await api.get(`${pathOf(id)}/timeline`));
    const report = reportOf({ incident, timeline, cut, now: answer.now });
    return { text: reportText(report, answer.now), json: report };
  },
};
