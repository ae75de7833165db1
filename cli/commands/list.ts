import { SEVERITIES } from '../../domain/kernel/severity.ts';
import type { CommandSpec } from '../command.ts';
import { fetchAllPages, filterOf, fetchPage, incidentTable } from '../api/incident-pages.ts';

/** Incidents by the worst, those that people are still at unless all are asked for. */
export const list: CommandSpec = {
  name: 'list',
  aliases: ['ls'],
  suggestedFor: ['incidents', 'all', 'search', 'find'],
  about: 'list incidents, worst and newest first: only open ones, unless --all',
  kind: 'api',
  options: [
    { flags: '--all', about: 'include incidents that are over' },
    { flags: '--severity <severity>', about: 'only this severity', choices: SEVERITIES },
    { flags: '--team <team>', about: 'only this team' },
    { flags: '--q <text>', about: 'part of title, service or number' },
    { flags: '--limit <number>', about: 'how many per page' },
    { flags: '--cursor <cursor>', about: 'continue at the `next` of an earlier answer' },
    { flags: '--all-pages', about: 'all pages, one after the other' },
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
    if (next !== null) lines.push(`there are more: use --all-pages or --cursor ${next}`);
    return { text: lines.join('\n'), json: { ...answer.body, incidents, next } };
  },
};
