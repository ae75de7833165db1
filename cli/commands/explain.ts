import type { CommandCall, CommandSpec, CliContext, CommandResult } from '../command.ts';
import {
  explainedIncident,
  explainedPayload,
  type ExplainedIncident,
  type ExplainedPayload,
} from '../text/explain-text.ts';
import { CliError, EXIT, noAnswer, OR_OLDER } from '../cli-error.ts';
import { readInput } from '../input/read-input.ts';
import { incidentPath } from '../api/send-command.ts';

/** As large as the server takes one. */
const FILE_LIMIT = 16 * 1024 * 1024;

/** Why: of a message that a source would send, or of an incident. */
export const explain: CommandSpec = {
  name: 'explain',
  aliases: ['why'],
  suggestedFor: ['trace', 'debug', 'dry-run'],
  about: 'explain an incident and whom it pages; or what would become of a message (--source)',
  kind: 'api',
  args: [{ name: 'what', about: 'the incident; with --source a JSON file, or - for standard input' }],
  options: [{ flags: '--source <source>', about: 'the source of the message: alertmanager, grafana, generic …' }],
  examples: [
    'tocsin explain INC-2026-003',
    'tocsin explain --source alertmanager payload.json',
    'curl -s https://example.com/last-message | tocsin explain --source grafana -',
  ],
  run: async (call) => {
    const source = call.options.text('source');
    return source === undefined ? explainOneIncident(call) : explainMessage(call, source);
  },
};

async function explainOneIncident({ args, client }: CommandCall): Promise<CommandResult> {
  const { body, now } = await client().get(`${incidentPath(args['what'])}/explain`);
  if (typeof body['nobodyElse'] !== 'string') throw notAnExplanation();
  return { text: explainedIncident(body as unknown as ExplainedIncident, now), json: body };
}

async function explainMessage({ args, client, context }: CommandCall, source: string): Promise<CommandResult> {
  const message = messageIn(args['what'] ?? '-', context);
  const { body } = await client().post(`/api/v1/explain?source=${encodeURIComponent(source)}`, message);
  if (!Array.isArray(body['alerts'])) throw notAnExplanation();
  return { text: explainedPayload(body as unknown as ExplainedPayload), json: body };
}

const notAnExplanation = (): CliError => noAnswer('no answer: that is not an explanation', OR_OLDER);

/** Throws `CliError` (64) for what is no JSON message. */
function messageIn(file: string, { cwd }: CliContext): object {
  const hint = 'to explain an incident, leave out --source: tocsin explain INC-2026-003';
  const text = readInput(file, { cwd, limit: FILE_LIMIT, hint }).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new CliError(EXIT.usage, `not understood: ${file === '-' ? 'standard input' : file} is not a JSON message`, {
    hint: 'save the body exactly as the source sends it',
  });
}
