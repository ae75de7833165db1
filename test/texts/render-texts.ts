/** The page of all texts: what differs from run to run (dates, ids, signatures) is replaced, so that a diff is a change of copy. */
import type { ReceivedText } from './received-texts.ts';

export interface DatedText extends ReceivedText {
  readonly at: number;
}

const DAY = 86_400_000;
/** The Tuesday on which the page lets every story begin. */
const SHOWN_DAY = Date.parse('2026-01-06T00:00:00Z');

/** `chapters`: title and texts, each begun on a Tuesday, in UTC. */
export function renderTexts(chapters: readonly { title: string; texts: readonly DatedText[] }[]): string {
  return [
    '# Every text of an incident',
    '',
    'Made by `npm run texts`; do not edit. Each text as it arrived at its receiver. The times are UTC; signatures and ids are left out.',
    ...chapters.flatMap(({ title, texts }) => ['', `## ${title}`, ...renderChapter(texts)]),
    '',
  ].join('\n');
}

function renderChapter(texts: readonly DatedText[]): string[] {
  const normalize = normalizerFor(texts[0]?.at ?? 0);
  const lines: string[] = [];
  let shownTime = '';
  for (const { time, where, text } of mergeSame(texts.map(normalize))) {
    if (time !== shownTime) lines.push('', `### ${time}`);
    shownTime = time;
    lines.push('', `**${where}**`, ...(text === '' ? [] : ['', '```text', text, '```']));
  }
  return lines;
}

interface ShownText extends ReceivedText {
  readonly time: string;
}

function normalizerFor(startsAt: number): (text: DatedText) => ShownText {
  const firstDay = Math.floor(startsAt / DAY) * DAY;
  const days = Array.from({ length: 30 }, (_, day) => [
    ...datesOf(firstDay + day * DAY).map(
      (date, format) => [date, datesOf(SHOWN_DAY + day * DAY)[format] ?? ''] as const,
    ),
  ]).flat();
  const clean = (text: string): string =>
    days
      .reduce((result, [date, shown]) => result.replaceAll(date, shown), text)
      .replaceAll(/(T\d\d:\d\d):\d\d(\.\d+)?Z/g, '$1Z')
      .replaceAll(/\b(\d\d:\d\d):\d\d\b/g, '$1')
      .replaceAll(/INC-\d{4}-/g, 'INC-2026-')
      .replaceAll(/(\/ack\/|\?link=)[\w.-]+/g, '$1…')
      .replaceAll(/\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g, '(id)')
      // The ticket's own notes of what is in it, and the folder that it happens to be in.
      .replaceAll(/^ *- \(id\)\/ticket\/\d+$\n?/gm, '')
      .replaceAll(/\/\S+\/tickets\//g, 'tickets/')
      .trim();
  return ({ at, where, text, isAnswer = false }) => {
    const shownAt = new Date(at - firstDay + SHOWN_DAY).toISOString();
    const day = Math.floor((at - firstDay) / DAY);
    return {
      time: `${day === 0 ? '' : `Day ${day + 1}, `}${shownAt.slice(11, 16)}`,
      where: clean(where),
      text: clean(text),
      isAnswer,
    };
  };
}

/** A day as our texts write it. */
function datesOf(day: number): string[] {
  const date = new Date(day);
  const [weekday, dayOfMonth, month] = date.toUTCString().replace(',', '').split(' ');
  return [
    date.toISOString().slice(0, 10),
    `${weekday} ${Number(dayOfMonth)} ${month} ${date.getUTCFullYear()}`,
    `${Number(dayOfMonth)} ${month} ${date.getUTCFullYear()}`,
  ];
}

/** The same text at the same time is there once, with all who got it. */
function mergeSame(texts: readonly ShownText[]): ShownText[] {
  const merged = new Map<string, ShownText>();
  for (const text of texts) {
    const key = text.isAnswer ? `${text.time} ${text.where}` : `${text.time} ${text.text}`;
    const { where } = merged.get(key) ?? { where: '' };
    const places = new Set([...where.split('; '), text.where].filter(Boolean));
    merged.set(key, { ...text, where: [...places].join('; ') });
  }
  return [...merged.values()];
}
