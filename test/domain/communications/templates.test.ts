/** [COMM-19] The catalogue's texts are templates like those of the configuration, and use what those may use. */
import { describe, expect, test } from '@jest/globals';
import Mustache from 'mustache';
import { renderTemplate } from '../../../runtime/render-template.ts';
import type { EventTexts } from '../../../domain/communications/catalogue.ts';
import { EVENT_TEXTS } from '../../../domain/communications/catalogue.ts';
import { STAKEHOLDER_TEXTS } from '../../../domain/communications/stakeholder-texts.ts';
import type { TemplateName } from '../../../domain/communications/templates.ts';
import { placeholdersOf } from '../../../domain/communications/templates.ts';
import { fillTemplate, lookupIn, plainText } from '../../../domain/kernel/text.ts';

type Span = readonly [kind: string, name: string, start: number, end: number, inner?: readonly Span[]];
const namesIn = (spans: readonly Span[]): readonly string[] =>
  spans.flatMap(([kind, name, , , inner]) => [
    ...(kind === 'text' ? [] : [name]),
    ...(Array.isArray(inner) ? namesIn(inner as readonly Span[]) : []),
  ]);
const placeholdersIn = (text: string): readonly string[] => [
  ...new Set(namesIn(Mustache.parse(text, ['{{', '}}']) as readonly Span[])),
];

const texts = Object.entries<EventTexts>(EVENT_TEXTS);
const named = texts.flatMap(([event, { own: _, ...audiences }]) =>
  Object.values(audiences).flatMap((text) =>
    typeof text === 'string' || text === undefined ? [] : [[event, text.name as TemplateName, text.text] as const],
  ),
);

describe('[COMM-19] a built-in text', () => {
  test.each(named)('about %s: %s uses only placeholders that a template may use', (_event, name, text) => {
    expect(placeholdersOf(name)).toEqual(expect.arrayContaining([...placeholdersIn(text)]));
  });

  test.each(Object.entries(STAKEHOLDER_TEXTS))('%s uses only placeholders that a template may use', (name, text) => {
    expect(placeholdersOf(name as TemplateName)).toEqual(expect.arrayContaining([...placeholdersIn(text)]));
  });

  const every = [
    ...named.map(([, , text]) => text),
    ...texts.flatMap(([, { timeline, stakeholders, draft }]) => [timeline, stakeholders, draft]),
  ].filter((text) => text !== undefined);
  test.each([...new Set(every)])('means in a workflow what it means to Mustache: %j', (text) => {
    const names = placeholdersIn(text);
    for (const given of [names, [], names.filter((_, i) => i % 2 === 0), names.filter((_, i) => i % 2 === 1)]) {
      const values = Object.fromEntries(given.map((name) => [name, `<${name}>`]));
      expect(plainText(fillTemplate(text, lookupIn(values)))).toBe(renderTemplate(text, values).trim());
    }
  });
});
