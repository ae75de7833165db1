/** Turns a message into words: times in the organization's zone with its abbreviation, people by their names. */
import type { Text } from '../domain/text.ts';
import { clockTime } from '../schedules/clock-time.ts';
import type { Directory } from './ports.ts';

export function inWords(text: Text, directory: Directory, timeZone: string): string {
  return text
    .map((part) => {
      if (typeof part === 'string') return part;
      return 'at' in part ? clockTime(part.at, timeZone) : directory.displayName(part.person);
    })
    .join('');
}
