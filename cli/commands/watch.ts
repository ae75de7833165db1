import { PHASES } from '../../domain/kernel/phase.ts';
import { SEVERITIES } from '../../domain/kernel/severity.ts';
import { ID, type CommandCall, type CommandSpec } from '../command.ts';
import { durationOf } from '../input/times.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { pollUntil } from '../watch/poll-until.ts';
import { watchOpenIncidents } from '../watch/watch-open-incidents.ts';
import { watchIncident } from '../watch/watch-incident.ts';

/** Between two looks, ms: an incident's story moves faster than the list. */
const INCIDENT_POLL_MS = 2000;
const LIST_POLL_MS = 5000;

/** Follows one incident to its end, or the list of open ones. */
export const watch: CommandSpec = {
  name: 'watch',
  aliases: ['follow', 'tail'],
  suggestedFor: ['monitor', 'live', 'board'],
  about: 'follow an incident entry by entry until it is closed; without ID, the list of open incidents',
  kind: 'api',
  lines: true,
  args: [{ ...ID, optional: true }],
  options: [
    { flags: '--until <phase>', about: 'stop when the incident is in this phase, or past it', choices: PHASES },
    { flags: '--timeout <duration>', about: 'stop after 90s, 15m, 4h, 2d: exit code 1 if the phase has not come' },
    { flags: '--severity <severity>', about: 'without ID: only this severity', choices: SEVERITIES },
    { flags: '--team <team>', about: 'without ID: only this team' },
  ],
  examples: [
    'tocsin watch',
    'tocsin watch INC-2026-003',
    'tocsin watch INC-2026-003 --until resolved --timeout 2h && tocsin postmortem INC-2026-003',
    'tocsin watch INC-2026-003 --json | jq -r .text',
  ],
  run: (call) => {
    const id = call.args['id'];
    return id === undefined ? watchList(call) : watchOne(call, id);
  },
};

async function watchOne(call: CommandCall, id: string): Promise<number> {
  const { context, options, warn } = call;
  for (const name of ['severity', 'team']) {
    if (options.text(name) !== undefined)
      throw new CliError(EXIT.usage, `--${name} filters the list: leave out the ID`);
  }
  const timeoutMs = timeoutOf(call);
  const until = options.text('until');
  const { poll, phase } = watchIncident(call, { id, until: PHASES.find((known) => known === until) ?? 'closed' });
  const end = await pollUntil({ poll, everyMs: context.pollIntervalMs ?? INCIDENT_POLL_MS, timeoutMs, warn });
  if (end === 'happened' || until === undefined) return EXIT.done;
  throw new CliError(EXIT.refused, `not ${until} within ${options.text('timeout') ?? ''}: it is ${phase()}`);
}

async function watchList(call: CommandCall): Promise<number> {
  const { context, options, warn } = call;
  if (options.text('until') !== undefined) throw new CliError(EXIT.usage, '--until needs one incident: name its ID');
  const timeoutMs = timeoutOf(call);
  await pollUntil({ poll: watchOpenIncidents(call), everyMs: context.pollIntervalMs ?? LIST_POLL_MS, timeoutMs, warn });
  return EXIT.done;
}

function timeoutOf({ options }: CommandCall): number | null {
  const text = options.text('timeout');
  return text === undefined ? null : durationOf(text, '--timeout');
}
