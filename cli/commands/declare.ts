import { SEVERITIES } from '../../domain/kernel/severity.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { AS, type CommandCall, type CommandSpec } from '../command.ts';
import { headline } from '../text/incident-text.ts';
import { safe } from '../text/terminal-text.ts';
import { incidentIn } from '../api/send-command.ts';
import { declarationByGuide, GUIDE, impactByGuide } from './guide.ts';

/** Declares an incident. */
export const declare: CommandSpec = {
  name: 'declare',
  aliases: ['new', 'open', 'create'],
  suggestedFor: ['start', 'begin', 'incident', 'raise', 'trigger', 'alert', 'fire', 'add', 'report-incident'],
  about: 'declare an incident: the person on call is paged at once',
  kind: 'api',
  consequence: { undone: 'nobody was paged', uncertain: 'the incident was declared and anybody was paged' },
  options: [
    { flags: '--severity <severity>', about: 'how bad it is', choices: SEVERITIES },
    { flags: '--title <text>', about: 'what is wrong, in a line' },
    { flags: '--team <team>', about: 'the team that owns it (by default the default route decides)' },
    { flags: '--service <service>', about: 'what is affected' },
    { flags: '--summary <text>', about: 'what is known so far' },
    { flags: '--test', about: 'a test: pages the person on call once, says TEST, ends by itself' },
    { flags: '--restricted', about: 'a security matter: nothing about it goes public' },
    GUIDE,
    AS,
  ],
  examples: [
    'tocsin declare --severity SEV1 --title "Payments are down" --service payments',
    'tocsin declare --severity SEV1 --title "Checkout is down" --as ana',
    'tocsin declare --guide',
    'tocsin declare --severity SEV2 --title "Errors after the deploy" --team platform --summary "since 14:02, 5 % of requests"',
  ],
  run: async (call) => {
    const { options, client } = call;
    const guided = options.flag('guide');
    const { severity, title } = guided ? await declarationByGuide(call) : declarationOf(call);
    const body = {
      severity,
      title,
      team: options.text('team'),
      service: options.text('service'),
      summary: options.text('summary'),
      test: options.flag('test') || undefined,
      restricted: options.flag('restricted') || undefined,
      by: options.text('as'),
    };
    const answer = await client().post('/api/v1/incidents', body);
    const incident = incidentIn(answer);
    const name = incident.reference ?? incident.workflowId;
    const declared = incident.reference
      ? `declared as ${incident.reference}`
      : `declared; the number follows, until then: tocsin ack ${name}`;
    const lines = [incident.test ? 'declared' : declared, headline(incident), incident.url ?? `tocsin show ${name}`];
    const text = lines.map((line) => safe(line)).join('\n');
    return { text: guided ? `${text}\n${await impactByGuide(call, incident)}` : text, json: answer.body };
  },
};

/** Throws `CliError` (64) for what is missing; the parser cannot, because `--guide` asks for it. */
function declarationOf({ options }: CommandCall): { severity: string; title: string } {
  const [severity, title] = [options.text('severity'), options.text('title')];
  if (severity !== undefined && title !== undefined) return { severity, title };
  const missing = severity === undefined ? '--severity <severity>' : '--title <text>';
  throw new CliError(EXIT.usage, `required option '${missing}' not specified`, {
    hint: 'tocsin declare --guide explains the severities and asks',
  });
}
