/** Turns a message into words: times in the organization's zone with its abbreviation, people by their names. */
import type { Text } from '../domain/text.ts';
import type { Directory } from './ports.ts';

/** `14:30 CEST`. Formatters are kept, since making one costs more than using it. */
function clockTime(at: number, timeZone: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
    formats.set(timeZone, format);
  }
  return format.format(at);
}

const formats = new Map<string, Intl.DateTimeFormat>();

export function inWords(text: Text, directory: Directory, timeZone: string): string {
  return text
    .map((part) => {
      if (typeof part === 'string') return part;
      return 'at' in part ? clockTime(part.at, timeZone) : directory.displayName(part.person);
    })
    .join('');
}
