/**
 * The names under which `templates:` may replace a text, and the placeholders each may use. This is what keeps the
 * public from reading what was not written for it. Derived from the catalogue. Pure.
 */
import type { StakeholderUpdateTemplate } from '../kernel/outbox.ts';
import type { TextLookup, TextValues } from '../kernel/text.ts';
import { EVENT_TEXTS } from './catalogue.ts';
import type { EventTexts } from './catalogue.ts';

type NamesIn<T> = T extends { readonly name: infer N }
  ? N
  : T extends string | readonly unknown[]
    ? never
    : NamesIn<T[keyof T]>;
/** The chat makes its own announcement, and the post-mortem is a document of the records: neither is in the catalogue. */
export type TemplateName = NamesIn<typeof EVENT_TEXTS> | StakeholderUpdateTemplate | 'announcement' | 'postmortem';

/** Who reads it. `public` and `external` texts may only use what is fit for everybody. */
export type TemplateReader = 'chat' | 'person' | 'public' | 'internal' | 'external' | 'document';

interface Template {
  readonly reader: TemplateReader;
  /** Placeholders of its own, beside those of all texts for this reader. */
  readonly own: readonly string[];
}

const STAKEHOLDER_TEMPLATES: Readonly<Record<StakeholderUpdateTemplate, Template>> = {
  internalMail: { reader: 'internal', own: [] },
  internalMailUpdate: { reader: 'internal', own: ['by', 'text'] },
  internalMailResolved: { reader: 'internal', own: ['by', 'reason', 'resolution'] },
  externalMail: { reader: 'external', own: ['text'] },
  externalMailUpdate: { reader: 'external', own: ['text'] },
  externalMailResolved: { reader: 'external', own: ['text'] },
};

/** Values of every text for our own people. One that is not known is empty. */
const INCIDENT_VALUES = [
  ...['reference', 'ref', 'url', 'title', 'summary', 'severity', 'highestSeverity', 'status', 'publicStatus', 'impact'],
  ...['team', 'service', 'component', 'affected', 'ic', 'technicalLead', 'communicationsLead', 'scribe', 'wanted'],
  ...['firing', 'startedAt', 'duration', 'channel', 'ticket', 'nextUpdate', 'updateEvery', 'time', 'organization'],
  'statusPage',
] as const;
/** Values of a text for everybody: nothing that an alert said, or a responder wrote for responders. */
const PUBLIC_VALUES = [
  'component',
  'publicImpact',
  'state',
  'nextUpdate',
  'time',
  'organization',
  'statusPage',
] as const;

const VALUES: Readonly<Record<TemplateReader, readonly string[]>> = {
  chat: INCIDENT_VALUES,
  person: INCIDENT_VALUES,
  public: PUBLIC_VALUES,
  internal: INCIDENT_VALUES,
  external: [...PUBLIC_VALUES, 'affected', 'startedAt', 'updateEvery'],
  document: [],
};

let known: ReadonlyMap<string, Template> | undefined;

/** By name. Made when it is first needed: every workflow evaluates this module, and hardly one of them needs it. */
export function allTemplates(): ReadonlyMap<string, Template> {
  known ??= readTemplates();
  return known;
}

const readTemplates = (): ReadonlyMap<string, Template> =>
  new Map<string, Template>([
    ['announcement', { reader: 'chat', own: ['by'] }],
    ...Object.values<EventTexts>(EVENT_TEXTS).flatMap(templatesOf),
    ...Object.entries(STAKEHOLDER_TEMPLATES),
    [
      'postmortem',
      {
        reader: 'document',
        own: [
          ...['reference', 'url', 'title', 'severity', 'summary', 'facts', 'impact', 'story', 'cause', 'people'],
          ...[
            'durations',
            'timeline',
            'alerts',
            'missed',
            'messages',
            'earlier',
            'resolution',
            'tried',
            'actionItems',
            'proposed',
          ],
        ],
      },
    ],
  ]);

function templatesOf({ own = [], ...texts }: EventTexts): readonly (readonly [string, Template])[] {
  const { chat, detailedChat, ticket, notice, assignee, public: everybody } = texts;
  return [
    ...[chat, detailedChat, ticket].map((text) => ({ text, reader: 'chat', shared: own }) as const),
    ...[notice, assignee].map((text) => ({ text, reader: 'person', shared: own }) as const),
    { text: everybody, reader: 'public', shared: [] } as const,
  ].flatMap(({ text, reader, shared }) => {
    if (text === undefined) return [];
    return [[text.name, { reader, own: [...new Set([...shared, ...(text.own ?? [])])] }] as const];
  });
}

export const templateNames = (): readonly TemplateName[] => [...allTemplates().keys()] as readonly TemplateName[];

/** The placeholders that the template of that name may use. */
export function placeholdersOf(name: TemplateName): readonly string[] {
  const { reader, own } = allTemplates().get(name) ?? { reader: 'document', own: [] };
  // A stakeholder update is made from a template anyway, so there is nothing else to show.
  const builtIn = reader === 'internal' || reader === 'external' ? [] : ['default'];
  return [...new Set([...builtIn, ...own, ...VALUES[reader]])];
}

/**
 * Of `values` those that the template may use. `test` is no placeholder: it makes sure that tests are marked whatever a
 * template says.
 */
export function allowedValues(name: TemplateName, values: TextLookup): TextValues {
  const entries = ['test', ...placeholdersOf(name)].map((placeholder) => [placeholder, values(placeholder)] as const);
  return Object.fromEntries(entries.filter((entry) => entry[1] !== undefined)) as TextValues;
}

/** Whether it begins with `Subject: …` and a blank line. */
export function isStakeholderUpdate(name: TemplateName): name is StakeholderUpdateTemplate {
  return Object.hasOwn(STAKEHOLDER_TEMPLATES, name);
}
