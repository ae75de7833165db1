/** Messages in words: those of the configuration where it has any, its own where they cannot be used. */
import { describe, expect, test } from '@jest/globals';
import type { TextSettings } from '../../activities/ports.ts';
import { renderAnnouncement, renderText } from '../../activities/render-text.ts';
import type { TextContext } from '../../activities/render-text.ts';
import { renderRecordBatch } from '../../activities/project-records.ts';
import { nextProjectionBatch } from '../../domain/engine/projection.ts';
import type { IncidentEvent } from '../../domain/kernel/events.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import type { TemplateName } from '../../domain/communications/templates.ts';
import { aPolicy } from '../support/builders.ts';
import { afterEvents, atMinute, declaredIncident, T0, afterCommand } from '../support/pure-incident.ts';

const troubles: TemplateName[] = [];

const URL = 'https://tocsin.example/incidents/inc-platform-0001';

function speechWith(templates: Readonly<Partial<Record<TemplateName, string>>>): TextContext {
  const textSettings: TextSettings = {
    organization: 'Example',
    statusPage: 'https://status.example.com',
    templates: new Map(Object.entries(templates) as [TemplateName, string][]),
    warn: (template) => void troubles.push(template),
  };
  return {
    directory: {
      resolve: () => ({ isKnown: true, people: [] }),
      contacts: () => [],
      displayName: (person) => ({ ana: 'Ana Ruiz' })[person] ?? person,
      quietUntil: () => null,
    },
    timeZone: 'America/New_York',
    textSettings,
  };
}

type Templates = Readonly<Partial<Record<TemplateName, string>>>;

/** An incident of a configuration with these templates. */
const worded = (templates: Templates, over: Partial<Declaration> = {}): Incident =>
  declaredIncident({ policy: aPolicy({ templates: Object.keys(templates) }), ...over });

/** What the chat hears of the last event. */
function posted(templates: Templates, over: Partial<Declaration> = {}, ...events: readonly IncidentEvent[]): string {
  const incident = afterEvents(worded(templates, over), ...events);
  const order = incident.outbox.posts.at(-1);
  if (order === undefined) throw new Error('nothing was posted');
  return renderText(order, speechWith(templates), URL);
}

/** What the page says of the last event. */
function published(templates: Templates, over: Partial<Declaration>, ...events: readonly IncidentEvent[]): string {
  const incident = afterEvents(worded(templates, over), ...events);
  const order = incident.outbox.publicEntries.at(-1);
  if (order === undefined) throw new Error('nothing was published');
  return renderText({ ...order, text: [order.text] }, speechWith(templates), URL);
}

const ALL_LINES =
  'INCIDENT DECLARED: Checkout fails\nSeverity: SEV1\nImpact: not assessed yet\nSummary: Nobody can pay\nStatus: Investigating\nIncident Commander: nobody yet\nNext Update: 07:15 EST';
const SAID = { type: 'update-posted', at: atMinute(5), by: 'ana', status: null } as const;

describe('[COMM-19] without templates', () => {
  test('a declaration says severity, impact, status, commander and next update, in the organization’s zone', () => {
    expect(posted({}, { severity: 'SEV1', summary: 'Nobody can pay' })).toBe(ALL_LINES);
  });

  test('an update says when it is from and when the next one comes', () => {
    const text = 'Database team checking connections';
    expect(posted({}, { severity: 'SEV1' }, { ...SAID, audience: 'internal', text })).toBe(
      `UPDATE [07:05 EST]\nStatus: declared\n${text}\nNext update: 07:20 EST`,
    );
  });

  test('an update with details says impact, cause, actions, next steps and ETA, each where it is known', () => {
    const details = { impact: 'All payments', cause: 'pool exhausted?', nextSteps: 'roll back', eta: '15 min' };
    expect(posted({}, { severity: 'SEV1' }, { ...SAID, audience: 'internal', text: 'On it.', details })).toBe(
      'Incident Update - 07:05 EST\nStatus: declared\nOn it.\nImpact: All payments\nCause: pool exhausted?\nNext Steps: roll back\nETA: 15 min\nNext update: 07:20 EST',
    );
  });

  test('orders carry nothing that only templates need', () => {
    const incident = afterEvents(declaredIncident({ severity: 'SEV1' }), { ...SAID, audience: 'public', text: 'x' });
    const { posts, publicEntries, tickets } = incident.outbox;
    for (const order of [...posts, ...publicEntries, ...tickets]) expect(order).not.toHaveProperty('textValues');
  });
});

describe('[COMM-19] with templates', () => {
  test('the words of the file stand for the built-in ones, with people, times and what the event says', () => {
    const update =
      '{{severity}} {{title}} ({{status}}): {{text}} says {{by}} at {{time}}. Next: {{nextUpdate}} {{url}}';
    expect(posted({ update }, { severity: 'SEV1' }, { ...SAID, audience: 'internal', text: 'on it' })).toBe(
      'SEV1 Checkout fails (declared): on it says Ana Ruiz at 07:05 EST. Next: 07:20 EST https://tocsin.example/incidents/inc-platform-0001',
    );
  });

  test('the built-in words can be kept and added to; what is not known is empty, and its section left out', () => {
    const declaredWords = '{{default}}\n{{#ic}}IC {{ic}}\n{{/ic}}{{^ic}}Who takes it?{{/ic}} {{organization}}';
    const over = { severity: 'SEV1', summary: 'Nobody can pay' } as const;
    expect(posted({ declared: declaredWords }, over)).toBe(`${ALL_LINES}\nWho takes it? Example`);
  });

  test('what is in a value is never read as a template, nor escaped', () => {
    const title = '{{summary}} {{#title}} {{> x}} {{{by}}} <b>&amp;</b> {{=<% %>=}}';
    expect(posted({ declared: '[{{title}}]' }, { title, summary: 'secret' })).toBe(`[${title}]`);
  });

  test('a message is at most 10,000 characters long', () => {
    const text = posted({ declared: '{{title}}'.repeat(1_500) }, { title: 'x'.repeat(1_000) });
    expect(text).toHaveLength(10_000);
  });

  test.each([
    ['it cannot be read', '{{#title}}'],
    ['nothing is left of it', '{{#ic}}{{ic}}{{/ic}} '],
  ])('%s: the message keeps its own words', (_why, template) => {
    expect(posted({ declared: template }, { severity: 'SEV1', summary: 'Nobody can pay' })).toBe(ALL_LINES);
  });

  test('one that cannot be read is said in the log', () => {
    expect(troubles).toContain('declared');
  });

  test('a template that the file no longer has leaves the message its own words', () => {
    const incident = worded({ declared: 'x' }, { severity: 'SEV1', summary: 'Nobody can pay' });
    const [order] = incident.outbox.posts;
    expect(order && renderText(order, speechWith({}), URL)).toBe(ALL_LINES);
  });

  test('of a test it always says TEST', () => {
    expect(posted({ declared: '{{title}}' }, { test: true })).toBe('[TEST] Checkout fails');
  });

  test('what was true when it happened is said, however late it is told', () => {
    const templates = { declared: '{{severity}} {{status}}, IC {{ic}}{{^ic}}nobody{{/ic}}' };
    const incident = afterCommand(worded(templates, { severity: 'SEV2' }), { type: 'acknowledge' });
    const [first] = incident.outbox.posts;
    expect(first && renderText(first, speechWith(templates), URL)).toBe('SEV2 declared, IC nobody');
  });

  test('chat and record say the same', () => {
    const templates = { declared: '{{severity}} since {{startedAt}}' };
    const incident = worded(templates);
    const recorded = incident.projection.pending.flatMap((item) => ('message' in item ? [item.message] : []));
    const speech = speechWith(templates);
    const said = incident.outbox.posts.map((order) => renderText(order, speech, URL));
    expect(recorded.map((message) => renderText(message, speech, URL))).toEqual(said);
    expect(said).toEqual(['SEV2 since 07:00 EST']);
    expect(T0).toBe(incident.declaredAt);
  });
});

test('[COMM-19] the announcement in the releases channel has words of its own, and the declaration keeps its own', () => {
  const templates = { announcement: '🚨 {{title}} ({{severity}}) 🚨' };
  const incident = worded(templates, { severity: 'SEV1', summary: 'Nobody can pay' });
  const [order] = incident.outbox.posts;
  if (order === undefined) throw new Error('nothing was posted');
  const speech = speechWith(templates);
  expect(renderAnnouncement(order, speech, URL)).toBe('🚨 Checkout fails (SEV1) 🚨');
  expect(renderText(order, speech, URL)).toBe(ALL_LINES);
  expect(renderAnnouncement(order, speechWith({}), URL)).toBeNull();
});

describe('[COMM-19] the public', () => {
  test('hears the file’s words about the component, with state and next update', () => {
    const publicInvestigating = '{{state}}: {{component}} has trouble. Next update {{nextUpdate}}. {{statusPage}}';
    const begun = { type: 'public-communication-started', at: atMinute(5), reason: 'SEV1 acknowledged' } as const;
    expect(published({ publicInvestigating }, { severity: 'SEV1' }, begun)).toBe(
      'Investigating: Checkout has trouble. Next update 07:20 EST. https://status.example.com',
    );
  });

  test('never hears title, team or what a responder is told, whatever a template asks for', () => {
    const publicUpdate = '{{text}}|{{title}}|{{team}}|{{service}}|{{by}}|{{url}}|{{severity}}|{{reference}}';
    const said = { ...SAID, audience: 'public', text: 'Payments fail for some.' } as const;
    expect(published({ publicUpdate }, { severity: 'SEV1' }, said)).toBe('Payments fail for some.|||||||');
  });
});

test('the records keep the timeline with people by their names and times in full, and who was paged by key and name', () => {
  const delivery = {
    to: 'ana',
    method: 'sms',
    key: 'k',
    state: 'accepted',
    reason: null,
    level: 1,
    at: atMinute(1),
  } as const;
  const paged: IncidentEvent = {
    ...{ type: 'paged', at: atMinute(1), requestNumber: 1, methods: 1, unknown: [], again: false },
    ...{ deliveries: [delivery], audibleFrom: atMinute(60) },
  };
  const batch = nextProjectionBatch(afterEvents(declaredIncident(), paged));
  if (batch === null) throw new Error('nothing for the records');
  const links = { incidentUnsigned: () => URL };
  const [, entry] = renderRecordBatch(batch, { ...speechWith({}), links }).entries;
  expect(entry).toMatchObject({
    text: 'Paged Ana Ruiz by sms. Outside working hours: quiet methods only until 2026-11-21 08:00:00 EST.',
    pages: [{ to: 'ana', name: 'Ana Ruiz', state: 'accepted' }],
  });
  expect(entry).not.toHaveProperty('parts');
});
