/** Templates and stakeholders: what is read, and every mistake found when Tocsin starts. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { policyFor } from '../../config/policy.ts';
import { ConfigError } from '../../config/problems.ts';

const MINIMAL = `people: { ana: { contact: [terminal] } }
teams: { t: { onCall: ana }, u: { onCall: ana } }
services: { payments: { team: t } }
routes: [{ team: t }]
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-words-'));
  mkdirSync(join(folder, 'words'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function configured(text: string): Config {
  const path = join(folder, 'tocsin.yaml');
  writeFileSync(path, MINIMAL + text);
  return loadConfig({ path, env: {} });
}

/** `place: message` of everything that is wrong. */
function mistakesIn(text: string): readonly string[] {
  try {
    configured(text);
    return [];
  } catch (err) {
    if (!(err instanceof ConfigError)) throw err;
    return err.problems.map(({ at, message }) => `${at}: ${message}`);
  }
}

describe('[COMM-19] templates', () => {
  test('as text, or in a file beside the configuration; other messages keep their words', () => {
    writeFileSync(
      join(folder, 'words', 'mail.txt'),
      'Subject: {{severity}}\n\n{{#reference}}{{reference}} {{/reference}}{{title}}\n',
    );
    const { templates, ...config } = configured(
      'templates: { declared: "{{severity}} {{title}}", internalMail: { file: words/mail.txt } }\n',
    );
    expect(Object.fromEntries(templates)).toEqual({
      declared: '{{severity}} {{title}}',
      internalMail: 'Subject: {{severity}}\n\n{{#reference}}{{reference}} {{/reference}}{{title}}',
    });
    const policy = policyFor({ templates, ...config }, 't');
    expect(policy?.templates).toEqual(['declared', 'internalMail']);
  });

  test('without any, an incident carries nothing about them', () => {
    const policy = policyFor(configured(''), 't');
    expect(policy).not.toHaveProperty('templates');
    expect(policy).not.toHaveProperty('stakeholders');
  });

  test('every mistake is reported at once, with its remedy', () => {
    writeFileSync(join(folder, 'words', 'empty.txt'), ' \n');
    const text = `templates:
  declaired: x
  declared: "{{severity}} {{tittle}} {{> footer}} {{=<% %>=}}"
  acknowledged: "{{#by}} and no end"
  update: 7
  allClear: { file: words/none.txt }
  falseAlarm: { file: words/empty.txt }
  internalMail: "no subject"
  publicUpdate: "{{title}}: {{text}} {{constructor}} {{text.length}} {{.}}"
  postmortem: "{{timeline}} {{#actionItems}}{{owner}}{{/actionItems}}"
`;
    expect(mistakesIn(text)).toEqual([
      'templates.declaired: unknown key: did you mean "declared"?',
      'templates.declared: unknown placeholder {{tittle}}: did you mean "title"?',
      'templates.declared: {{> footer}}: templates cannot include others; use { file: … } for long ones',
      'templates.declared: placeholders are always written in {{ and }}',
      expect.stringMatching(/^templates.acknowledged: this template cannot be read: Unclosed section "by"/),
      expect.stringMatching(/^templates.update: expected a text with placeholders/),
      expect.stringMatching(/^templates.allClear: the file .*none.txt does not exist/),
      expect.stringMatching(/^templates.falseAlarm: the file .*empty.txt is empty/),
      'templates.internalMail: a stakeholder update begins with a line "Subject: …", then a blank line and its text',
      expect.stringMatching(
        /^templates.publicUpdate: unknown placeholder {{title}}: known are default, text, component/,
      ),
      expect.stringMatching(/^templates.publicUpdate: unknown placeholder {{constructor}}/),
      expect.stringMatching(/^templates.publicUpdate: unknown placeholder {{text.length}}/),
      expect.stringMatching(/^templates.publicUpdate: unknown placeholder {{\.}}/),
      expect.stringMatching(/^templates.postmortem: unknown placeholder {{owner}}/),
    ]);
  });

  test('a template too long is a mistake, in a file too', () => {
    writeFileSync(join(folder, 'words', 'long.txt'), 'x'.repeat(20_001));
    expect(mistakesIn('templates: { declared: { file: words/long.txt } }\n')).toEqual([
      expect.stringMatching(/^templates.declared: the file .*long.txt is too long: at most 20000 characters/),
    ]);
    expect(mistakesIn(`templates: { declared: "${'x'.repeat(20_001)}" }\n`)).toEqual([
      'templates.declared: too long: at most 20000 characters',
    ]);
  });
});

describe('[COMM-18] stakeholders', () => {
  test('little is needed: internal, for SEV1 and SEV2 of everybody', () => {
    const { stakeholders } = configured(
      'stakeholders: [{ name: support, contact: { webhook: "http://127.0.0.1:1" } }]\n',
    );
    expect([...stakeholders.values()]).toEqual([
      {
        ...{ name: 'support', contacts: [{ kind: 'webhook', target: 'http://127.0.0.1:1' }], audience: 'internal' },
        ...{ severities: ['SEV1', 'SEV2'], teams: null, services: null, restricted: false },
      },
    ]);
  });

  test('an incident takes along those of its team and service', () => {
    const config = configured(`mail: { smtp: "smtp://127.0.0.1", from: a@example.com }
chat: { slack: { botToken: xoxb-1 } }
stakeholders:
  - { name: all, contact: [{ email: all@example.com }, { slack: "#support" }] }
  - { name: of-t, contact: { email: t@example.com }, teams: t, severities: SEV1, restricted: true }
  - { name: of-payments, contact: { email: p@example.com }, services: [payments], audience: external }
`);
    const names = (team: string, service: string | null) =>
      policyFor(config, team, service)?.stakeholders?.map(({ name }) => name);
    expect(names('t', 'payments')).toEqual(['all', 'of-t', 'of-payments']);
    expect(names('u', null)).toEqual(['all']);
    expect(policyFor(config, 't', null)?.stakeholders?.[1]).toEqual({
      ...{ name: 'of-t', audience: 'internal', severities: ['SEV1'], restricted: true },
    });
    expect(config.stakeholders.get('all')?.contacts[1]).toEqual({ kind: 'slack', target: 'support' });
  });

  test('every mistake is reported, with its remedy', () => {
    expect(
      mistakesIn(`stakeholders:
  - { name: a, contact: { email: a@example.com }, teams: [tt], services: [pay] }
  - { name: a, contact: { slack: "#a" }, audience: external, restricted: true }
`),
    ).toEqual([
      'stakeholders[0].contact[0].email: this contact would reach nobody: configure mail: { smtp: "smtp://…", from: … }, or remove it',
      'stakeholders[0].teams: no team is called "tt": did you mean "t"?',
      'stakeholders[0].services: no service is called "pay": known are payments',
      'stakeholders[1].name: another stakeholder is called "a": give each a name of its own',
      'stakeholders[1].restricted: nothing of a restricted incident goes outside: remove it',
      'stakeholders[1].contact[0].slack: this contact would reach nobody: configure chat: { slack: { botToken: "${SLACK_BOT_TOKEN}" } }, or remove it',
    ]);
    expect(
      mistakesIn(`stakeholders:
  - { name: "two words", contact: { sms: "+491" }, audience: press, severities: [SEV9] }
  - { contact: [{ webhook: "http://x", email: a@example.com }] }
`).map((mistake) => mistake.split(':')[0]),
    ).toEqual([
      'stakeholders[0].name',
      'stakeholders[0].contact.sms',
      'stakeholders[0].audience',
      'stakeholders[0].severities[0]',
      'stakeholders[1].name',
      'stakeholders[1].contact[0]',
    ]);
  });
});
