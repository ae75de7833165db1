/** `--guide`: what the severities mean, and the questions about the impact, for who declares or acknowledges. */
import { IMPACT_QUESTIONS, impactCommand, severityCommand, severityGuide } from '../../domain/kernel/guide.ts';
import { SEVERITIES } from '../../domain/kernel/severity.ts';
import { sendCommand } from '../api/send-command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext, CommandCall, OptionSpec } from '../command.ts';
import type { ApiIncident } from '../text/incident-text.ts';
import { cleanInput, safeBlock } from '../text/terminal-text.ts';

export const GUIDE: OptionSpec = {
  flags: '--guide',
  about: 'explain the severities and ask about the impact; without a terminal, say how to answer',
};

type Ask = NonNullable<CliContext['ask']>;

/** What is wrong, as far as the options say it; the rest is asked for. Throws `CliError` (64) for what nobody says. */
export async function declarationByGuide({
  context,
  options,
}: CommandCall): Promise<{ severity: string; title: string }> {
  const { ask } = context;
  const severity = options.text('severity');
  const title = options.text('title');
  if (severity !== undefined && title !== undefined) return { severity, title };
  const guide = severityGuide().join('\n');
  if (ask === undefined) {
    throw new CliError(
      EXIT.usage,
      `no terminal to ask on: nobody was paged. Say how bad it is, and what is wrong:\n${guide}`,
      {
        hint: 'tocsin declare --severity SEV1|SEV2|SEV3|SEV4 --title "what is wrong"',
      },
    );
  }
  if (severity === undefined) context.out(`${guide}\n`);
  return {
    severity: severity ?? (await chosen(ask, 'How bad is it? ', SEVERITIES)) ?? nothingSaid('severity'),
    title: title ?? ((await ask('What is wrong, in a line? ')).trim() || nothingSaid('title')),
  };
}

function nothingSaid(what: string): never {
  throw new CliError(EXIT.usage, `no ${what}: the incident was not declared, and nobody was paged`);
}

/** Asks about the impact and sends it; without a terminal, the text says what to answer. */
export async function impactByGuide(call: CommandCall, incident: ApiIncident): Promise<string> {
  const { ask, out } = call.context;
  const name = incident.reference ?? incident.workflowId;
  const answerSeverity = [...severityGuide(), `It is ${incident.severity}; to change that: ${severityCommand(name)}`];
  if (ask === undefined) {
    const questions = [IMPACT_QUESTIONS.scope, IMPACT_QUESTIONS.dataLoss].join(' ');
    return [questions, `Answer: ${impactCommand(name)}`, IMPACT_QUESTIONS.severity, ...answerSeverity].join('\n');
  }
  out(`${safeBlock(`${name} ${incident.severity} ${incident.title}. Press Enter where you do not know.`)}\n`);
  const scope = await chosen(ask, `${IMPACT_QUESTIONS.scope} (all, subset) `, ['all', 'subset']);
  const dataLoss = await chosen(ask, `${IMPACT_QUESTIONS.dataLoss} (yes, no) `, ['yes', 'no']);
  const summary = cleanInput(await ask('What do users notice, in a sentence? '));
  if (scope === undefined && dataLoss === undefined && summary === '') {
    return [`Later: ${impactCommand(name)}`, IMPACT_QUESTIONS.severity, ...answerSeverity].join('\n');
  }
  const impact = {
    summary: summary === '' ? incident.title : summary,
    scope,
    dataLoss: dataLoss === undefined ? undefined : dataLoss === 'yes',
  };
  const { text } = await sendCommand({ ...call, args: { id: incident.workflowId } }, 'assessImpact', impact);
  return [text, IMPACT_QUESTIONS.severity, ...answerSeverity].join('\n');
}

/** One of `words` in any case; asked again until it is one, or nothing: undefined. */
async function chosen<Word extends string>(
  ask: Ask,
  question: string,
  words: readonly Word[],
): Promise<Word | undefined> {
  for (;;) {
    const said = (await ask(question)).trim().toLowerCase();
    if (said === '') return undefined;
    const word = words.find((one) => one.toLowerCase() === said);
    if (word !== undefined) return word;
  }
}
