/** Times and sections in the text of an incident. */
import { relativeTime, safe } from './terminal-text.ts';

export function textSection(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

/** `14:30:05Z (4 min ago)`; with the date when it is another day. */
export function timeText(iso: string, now: number): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return safe(iso);
  const [day, time] = new Date(at).toISOString().split(/[T.]/);
  const today = new Date(now).toISOString().startsWith(day ?? '');
  return `${today ? '' : `${day} `}${time}Z (${relativeTime(at, now)})`;
}
