/** `severityLabels`: what monitoring calls a severity. Everybody's words are built in; the file adds its own. */
import { z } from 'zod';
import { SEVERITIES, worstOf, type Severity } from '../../domain/kernel/severity.ts';
import type { Section } from '../config.ts';
import { mapByWord } from '../primitives.ts';

/** What a word means; `none`: no incident is opened. */
export type LabelMeaning = Severity | 'none';

export type SeverityLabels = ReadonlyMap<string, LabelMeaning>;

/** The form in which labels are compared, here and in a route's map: `SEV-1`, `sev 1` and `Sev_1` are one word. */
export const normalSeverityLabel = (label: string): string => label.toLowerCase().replace(/[\s\p{Pd}_]+/gu, '');

const BUILT_IN: Readonly<Record<LabelMeaning, string>> = {
  SEV1: 'sev1 s1 sev0 s0 p0 p1 emergency disaster fatal blocker',
  SEV2: 'sev2 s2 p2 critical crit page high error major urgent',
  SEV3: 'sev3 s3 p3 warning warn medium average',
  SEV4: 'sev4 s4 p4 p5 info information informational minor low ticket',
  none: 'none',
};

const MEANING_BY_LABEL: SeverityLabels = new Map(
  (Object.entries(BUILT_IN) as [LabelMeaning, string][]).flatMap(([meaning, words]) =>
    words.split(' ').map((word) => [word, meaning] as const),
  ),
);

/** The file's own words go first. Null: absent or unknown, so somebody must guess. */
export function severityOfLabel(label: string | undefined, own: SeverityLabels): LabelMeaning | null {
  const meaningOf = (word: string): LabelMeaning | null => own.get(word) ?? MEANING_BY_LABEL.get(word) ?? null;
  const written = label ?? '';
  return meaningOf(normalSeverityLabel(written)) ?? meaningOfWords(written, meaningOf);
}

const NAMES = new Set(['severity', 'priority', 'prio', 'level']);

/** `Sev.2`, `Priority 1`, `P1 - Critical`: the worst that is said, if nothing else is said. */
function meaningOfWords(label: string, meaningOf: (word: string) => LabelMeaning | null): LabelMeaning | null {
  const words =
    label
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const joined = words
    .join('')
    .replace(/^severity(?=\d)/, 'sev')
    .replace(/^prio(rity)?(?=\d)/, 'p');
  const whole = meaningOf(joined);
  if (whole !== null) return whole;
  const meanings = words.filter((word) => !NAMES.has(word)).map(meaningOf);
  const severities = meanings.filter((meaning) => meaning !== null && meaning !== 'none');
  return severities.length === meanings.length ? worstOf(severities) : null;
}

/** A mapping from labels as people write them. */
export const mapByLabel = <T extends z.ZodType<string, string>>(meaning: T, expected: string) =>
  mapByWord(meaning, { normal: normalSeverityLabel, expected });

export const severityLabelsSection: Section<SeverityLabels> = {
  schema: mapByLabel(
    z.enum([...SEVERITIES, 'none'], { error: `expected one of ${SEVERITIES.join(', ')}, or none for no incident` }),
    'severities by label, e.g. catastrophe: SEV1',
  ).prefault({}),
};
