/** Chat, public page, tickets, mail and PagerDuty: what is read, what holds where nothing is said, what is doubted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';

const MINIMAL = 'people: { ana: { contact: [terminal] } }\nteams: { t: { onCall: ana } }\nroutes: [{ team: t }]\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-voices-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function configured(text: string, env = {}): Config {
  const path = join(folder, 'tocsin.yaml');
  writeFileSync(path, text);
  return loadConfig({ path, env });
}

test('where the file says nothing: the built-in page and a ticket file, and no vendor', () => {
  expect(configured(MINIMAL)).toMatchObject({
    statusPage: { builtin: true, first: 'confirmed' },
    tickets: { files: true },
    vendors: { github: null, mail: null, pagerduty: null, slack: null, statuspage: null },
  });
});

test('the smallest configuration of the main job loads as it is written', () => {
  const path = new URL('../fixtures/config/valid-everything.yaml', import.meta.url).pathname;
  const env = { ALERTMANAGER_TOKEN: 't', SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's', PD_PLATFORM: 'r' };
  expect(loadConfig({ path, env })).toMatchObject({
    statusPage: { builtin: true, first: 'confirmed' },
    tickets: { files: true },
    vendors: {
      github: null,
      mail: { smtp: 'smtp://…', from: 'incidents@example.com' },
      pagerduty: { apiUrl: 'https://events.pagerduty.com', services: new Map([['platform', { routingKey: 'r' }]]) },
      slack: { botToken: 'xoxb-1', signingSecret: 's', apiUrl: 'https://slack.com/api' },
      statuspage: null,
    },
  });
});

test('each vendor needs little, and answers at its own address', () => {
  const text = `${MINIMAL}chat: { slack: { botToken: xoxb-1 } }
statusPage: { builtin: false, first: auto, statuspage: { pageId: p1, apiKey: k } }
tickets: { files: false, github: { repository: example/in.cidents, token: g } }
mail: { smtp: "smtps://u:p%23@mail.example.com:465", from: "Störungen <incidents@example.com>" }
pagerduty: { services: { a b: { routingKey: r } } }
`;
  expect(configured(text)).toMatchObject({
    statusPage: { builtin: false, first: 'auto' },
    tickets: { files: false },
    vendors: {
      github: { repository: 'example/in.cidents', token: 'g', apiUrl: 'https://api.github.com', labels: [] },
      mail: { smtp: 'smtps://u:p%23@mail.example.com:465', from: 'Störungen <incidents@example.com>' },
      pagerduty: { apiUrl: 'https://events.pagerduty.com', services: new Map([['a b', { routingKey: 'r' }]]) },
      slack: { botToken: 'xoxb-1', apiUrl: 'https://slack.com/api' },
      statuspage: { pageId: 'p1', apiKey: 'k', apiUrl: 'https://api.statuspage.io', components: new Map() },
    },
  });
});

test('every address can be set, and what is optional is kept', () => {
  const text = `${MINIMAL}services: { payments: { component: Checkout } }
chat: { slack: { botToken: b, apiUrl: "http://127.0.0.1:1/api/", channel: "#incidents" } }
statusPage: { statuspage: { pageId: p, apiKey: k, apiUrl: "http://127.0.0.1:2", components: { Checkout: kctbh9vrtdwd } } }
tickets: { github: { repository: a/b, token: g, apiUrl: "http://127.0.0.1:3/api/v3", labels: [incident, ops] } }
pagerduty: { services: {}, apiUrl: "http://127.0.0.1:4" }
`;
  const { slack, statuspage, github, pagerduty } = configured(text).vendors;
  expect(slack).toMatchObject({ apiUrl: 'http://127.0.0.1:1/api', channel: 'incidents' });
  expect(statuspage).toMatchObject({
    apiUrl: 'http://127.0.0.1:2',
    components: new Map([['Checkout', 'kctbh9vrtdwd']]),
  });
  expect(github).toMatchObject({ apiUrl: 'http://127.0.0.1:3/api/v3', labels: ['incident', 'ops'] });
  expect(pagerduty?.apiUrl).toBe('http://127.0.0.1:4');
});

test('a channel is named with or without its #', () => {
  const text = `people: { ana: { contact: [terminal] } }
teams: { a: { onCall: ana, channel: "#team-a" }, b: { onCall: ana, channel: störung_2 }, c: { onCall: ana } }
routes: [{ team: a }]
organization: { name: x, releasesChannel: "#releases" }
`;
  const { teams, organization } = configured(text);
  expect([...teams.values()].map(({ channel }) => channel)).toEqual(['team-a', 'störung_2', null]);
  expect(organization.releasesChannel).toBe('releases');
});

test('[REC-3] a contact by Slack, mail or PagerDuty is taken once its provider is configured', () => {
  const contacts = 'contact: [{ slack: U024BE7LH }, { email: ana@example.com }, { pagerduty: p }]';
  const text = `${MINIMAL.replace('contact: [terminal]', contacts)}chat: { slack: { botToken: b } }
mail: { smtp: "smtp://mail", from: incidents@example.com }
pagerduty: { services: { p: { routingKey: r } } }
`;
  const { people, notSupportedYet } = configured(text);
  expect(people.get('ana')?.contacts).toEqual([
    { kind: 'slack', target: 'U024BE7LH' },
    { kind: 'email', target: 'ana@example.com' },
    { kind: 'pagerduty', target: 'p' },
  ]);
  expect(notSupportedYet).toEqual([]);
});

test('[REC-3] a contact whose provider is not configured is a mistake, even beside one that works', () => {
  const text = MINIMAL.replace('[terminal]', '[terminal, { slack: U024BE7LH }]');
  expect(() => configured(text)).toThrow('people.ana.contact[1].slack: this contact would reach nobody');
});

test('what is still to come is named: telephones, jira, what Slack would send, and owners of services', () => {
  const text = `${MINIMAL.replace('[terminal]', '[terminal, { sms: "+4930123456" }, { ntfy: t }]')}tickets: { jira: { x: 1 } }
chat: { slack: { botToken: b, signingSecret: s } }
services: { payments: { owner: Shop }, search: {} }
`;
  expect(configured(text, {}).notSupportedYet.map((line) => line.split(': ')[0])).toEqual([
    'chat.slack.signingSecret',
    'people.ana.contact',
    'services.payments.owner',
    'tickets.jira',
  ]);
});

describe('doubts', () => {
  const warnings = (text: string): readonly string[] => configured(text).warnings;

  test('people whom a SEV1 would reach without a sound are named', () => {
    const text = `people:
  ana: { contact: [{ email: ana@example.com }, { sms: "+4930123456" }] }
  bo: { contact: [{ pagerduty: p }] }
  eve: { contact: [{ slack: U024BE7LH }, terminal] }
  zoe: { contact: [{ email: zoe@example.com }] }
teams: { t: { onCall: ana, escalation: [onCall, bo, eve] } }
routes: [{ team: t }]
chat: { slack: { botToken: b } }
mail: { smtp: "smtp://mail", from: incidents@example.com }
pagerduty: { services: { p: { routingKey: r } } }
`;
    expect(warnings(text).filter((line) => line.startsWith('people: '))).toEqual([
      'people: paged for a SEV1 without a phone-grade method (in this version: pagerduty): ana, eve',
      'people: paged for a SEV1 by methods that make no noise only (email, slack): ana',
    ]);
  });

  test('a level whose people have no way that works in this version reaches nobody', () => {
    const text = MINIMAL.replace('ana: {', 'bo: { contact: [{ sms: "+4930123456" }] }, ana: {').replace(
      'onCall: ana',
      'onCall: ana, escalation: [bo, onCall]',
    );
    expect(warnings(text)).toContainEqual(expect.stringMatching(/^teams\.t\.escalation\[0\]: reaches nobody/));
  });

  test('channels without a chat, a component nobody has, no public page at all', () => {
    const text = `${MINIMAL.replace('onCall: ana', 'onCall: ana, channel: ops')}organization: { name: x, releasesChannel: rel }
services: { payments: { component: Checkout } }
statusPage: { statuspage: { pageId: p, apiKey: "\${KEY}", components: { Checkout: a, Chekout: b } } }
`;
    expect(configured(text, { KEY: 'k' }).warnings).toEqual(
      expect.arrayContaining([
        'organization.releasesChannel: there is no chat.slack, so nothing is posted there',
        'teams.t.channel: there is no chat.slack, so nothing is posted there',
        'statusPage.statuspage.components: no service has the component "Chekout"',
      ]),
    );
    expect(warnings(`${MINIMAL}statusPage: { builtin: false }\n`)).toContainEqual(
      expect.stringMatching(/^statusPage: builtin is off/),
    );
    expect(warnings(MINIMAL).join()).not.toMatch(/statusPage|chat/);
  });

  test('every vendor’s secret that stands in the file is pointed at, and none is repeated', () => {
    const text = `${MINIMAL}chat: { slack: { botToken: inline-1, signingSecret: inline-2 } }
statusPage: { statuspage: { pageId: p, apiKey: inline-3 } }
tickets: { github: { repository: a/b, token: inline-4 } }
mail: { smtp: "smtp://u:inline-5@mail", from: incidents@example.com }
pagerduty: { services: { p: { routingKey: inline-6 } } }
`;
    const said = warnings(text).filter((line) => line.includes('a secret in the file'));
    expect(said.map((line) => line.split(': ')[0])).toEqual([
      ...['chat.slack.botToken', 'chat.slack.signingSecret', 'statusPage.statuspage.apiKey', 'tickets.github.token'],
      ...['pagerduty.services.p.routingKey', 'mail.smtp'],
    ]);
    expect(said.join()).not.toMatch(/inline/);
  });
});
