import { SEVERITIES } from '../../domain/kernel/severity.ts';
import type { CommandSpec } from '../command.ts';
import { fetchAllPages, filterOf, fetchPage, incidentTable } from '../api/incident-pages.ts';

/** Incidents by the worst, those that people are still at unless all are asked for. */
export const list: CommandSpec = {
  name: 'list',
  aliases: ['ls'],
  suggestedFor: ['incidents', 'all', 'search', 'find'],
  about: 'list incidents, the worst and newest first: open ones, unless --all',
  kind: 'api',
  options: [
    { flags: '--all', about: 'those that are over as well' },
    { flags: '--severity <severity>', about: 'of this severity only', choices: SEVERITIES },
    { flags: '--team <team>', about: 'of this team only' },
    { flags: '--q <text>', about: 'whose title, service or number has this in it' },
    { flags: '--limit <number>', about: 'how many to a page' },
    { flags: '--cursor <cursor>', about: 'the page that an earlier answer called "next"' },
    { flags: '--all-pages', about: 'every page, one after the other' },
  ],
  examples: ['tocsin list', 'tocsin list --severity SEV1 --team platform', 'tocsin list --all --all-pages --json'],
  run: async ({ options, client, warn }) => {
    const filter = {
      ...filterOf(options),
      q: options.text('q'),
      cursor: options.text('cursor'),
      limit: options.text('limit'),
    };
    const whole = options.flag('allPages');
    const { incidents, next, note, now, answer } = await (whole ? fetchAllPages : fetchPage)(client(), filter);
    // Programs find it in the answer.
    if (note !== null && !options.flag('json')) warn(note);
    const none = filter.openOnly ? 'no open incidents' : 'no incidents';
    const lines = [incidents.length === 0 ? none : incidentTable(incidents, now)];
    if (next !== null) lines.push(`there are more: --all-pages, or --cursor ${next}`);
    return { text: lines.join('\n'), json: { ...answer.body, incidents, next } };
  },
};
