/** The e-mails to stakeholders, who are told and never paged: templates like those of the catalogue. Data only. */
import type { StakeholderUpdateTemplate } from '../kernel/outbox.ts';

/** Where our own people can read on. */
const LINKS = `{{#channel}}
Incident channel: {{channel}}
{{/channel}}
{{#statusPage}}
Status page: {{statusPage}}
{{/statusPage}}
{{#reference}}{{reference}}: {{/reference}}{{url}}`;

/** Nobody has assessed it, and no person declared it: then there is what monitoring said. */
const IMPACT = `Impact: {{impact}}{{^impact}}not assessed yet
Summary: {{summary}}{{^summary}}{{title}}{{/summary}}{{/impact}}`;

/** What the outside reads below the text. */
const AFFECTED = `{{#affected}}
Affected services: {{affected}}
{{/affected}}
Start time: {{startedAt}}`;

export const STAKEHOLDER_TEXTS: Readonly<Record<StakeholderUpdateTemplate, string>> = {
  internalMail: `Subject: [{{severity}}] Production Incident - {{affected}}

Team,

We are experiencing a {{severity}} incident affecting {{affected}}.

${IMPACT}
Start time: {{startedAt}}
${LINKS}

IC: {{ic}}{{^ic}}nobody yet{{/ic}}
{{#technicalLead}}
Tech Lead: {{technicalLead}}
{{/technicalLead}}

{{#updateEvery}}
Updates every {{updateEvery}} in the incident channel.
{{/updateEvery}}
`,
  internalMailUpdate: `Subject: [{{severity}}] Production Incident - {{affected}} - update

UPDATE [{{time}}]
Status: {{status}}
{{text}}

${IMPACT}
IC: {{ic}}{{^ic}}nobody yet{{/ic}}
{{#nextUpdate}}
Next update: {{nextUpdate}}
{{/nextUpdate}}

${LINKS}
`,
  internalMailResolved: `Subject: [{{severity}}] Production Incident - {{affected}} - all clear

Team,

{{^reason}}
ALL CLEAR: the incident affecting {{affected}} is resolved, {{duration}} after it was declared.
{{/reason}}
{{#reason}}
FALSE ALARM: there was no incident affecting {{affected}} ({{reason}}).
{{/reason}}

{{#resolution}}
Resolution: {{resolution}}
{{/resolution}}
{{^reason}}
${IMPACT}
{{/reason}}

${LINKS}
`,
  externalMail: `Subject: Service Disruption Notice

{{#text}}
{{text}}
{{/text}}
{{^text}}
We are currently experiencing issues with {{component}}.
Our team is actively working on a resolution.
{{/text}}

${AFFECTED}
{{#updateEvery}}
Next update: within {{updateEvery}}
{{/updateEvery}}

{{#statusPage}}
Status: {{statusPage}}
{{/statusPage}}
`,
  externalMailUpdate: `Subject: Service Disruption Update

{{text}}

Status: {{state}}
${AFFECTED}
{{#nextUpdate}}
Next update: {{nextUpdate}}
{{/nextUpdate}}

{{#statusPage}}
Status page: {{statusPage}}
{{/statusPage}}
`,
  externalMailResolved: `Subject: Service Disruption Resolved

{{text}}

${AFFECTED}

{{#statusPage}}
Status page: {{statusPage}}
{{/statusPage}}
`,
};
