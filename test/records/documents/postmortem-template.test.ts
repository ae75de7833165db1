/** A post-mortem in the house's own words. */
import { expect, test } from '@jest/globals';
import { TEMPLATES } from '../../../domain/kernel/templates.ts';
import { documentOf } from '../../../records/documents/documents.ts';
import { aRecord, HOSTILE, telling } from './record.ts';

const draft = (postmortemTemplate: string, over = {}): string =>
  documentOf('draft', aRecord(over), { ...telling, postmortemTemplate });
const OWN = documentOf('draft', aRecord(), telling);

test('[COMM-19] a template has the parts of the draft in its own order', () => {
  expect(draft('# {{title}}\n\n{{summary}}\n\n## What we do now\n\n{{proposed}}')).toMatch(
    /^# INC-2026-001 · Payments are down\n\n> no payment for 5 min\n\n## What we do now\n\n/,
  );
});

test('[COMM-19] every part that a template may name is there', () => {
  const missing = TEMPLATES.postmortem.own.filter((name) => draft(`{{^${name}}}missing{{/${name}}}`) !== OWN);
  expect(missing).toEqual([]);
});

test('[COMM-19] one that cannot be used leaves the built-in draft; it can be kept and added to', () => {
  expect(draft('{{#title}}')).toBe(OWN);
  expect(draft('{{default}}\n\n## Review\n\nAsk Eve.')).toBe(`${OWN.trimEnd()}\n\n## Review\n\nAsk Eve.\n`);
});

test('words of others stay text there, too', () => {
  const text = draft('{{title}} {{summary}}', { title: `{{reference}} ${HOSTILE}`, summary: '{{severity}}' });
  expect(text).toContain('{{reference}}');
  expect(text).toContain('{{severity}}');
  expect(text).not.toContain('<script');
});
