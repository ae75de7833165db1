/** What senders call a status. Only words that say that all is well resolve an alert; everything else fires. */
import { normalStatus, type SourceSetting, type StatusMeaning } from '../../../config/sections/sources.ts';
import { parseRfc3339 } from './alert-fields.ts';
import { cleanLine, scalarText } from './sanitize.ts';

const FIRING = `firing fire fired alert alerting alarm alarming open opened reopened new created active activated ongoing
  trigger triggered retriggered problem trouble issue incident down outage unavailable offline critical major error
  errored fatal warn warning rewarn degraded unhealthy bad fail failed failing failure red yellow orange
  nodata renodata renotify insufficientdata unreachable timeout`;

const RESOLVED = `resolved resolve ok okay closed close recovered recover recovery up healthy success successful
  succeeded normal green good inactive deactivated cleared clear passed passing fixed operational online available
  backtonormal nodatarecovered warnrecovered alertrecovery alertdegradedrecovery`;

const BUILT_IN: ReadonlyMap<string, StatusMeaning> = new Map([
  ...FIRING.split(/\s+/).map((word) => [word, 'firing'] as const),
  ...RESOLVED.split(/\s+/).map((word) => [word, 'resolved'] as const),
]);

/** The annotation that says that a status was guessed. */
export const STATUS_NOTE = 'status_note';

export interface StatusRead {
  readonly status: StatusMeaning;
  /** A sentence for people where the status had to be guessed. */
  readonly note: string | null;
}

/** The configuration's words go first. An unknown one fires, and says so: better one page too many. */
export function readStatus(
  sent: { readonly status?: unknown; readonly endsAt?: unknown },
  { statusValues, receivedAt }: Pick<SourceSetting, 'statusValues'> & { readonly receivedAt: number },
): StatusRead {
  const text = scalarText(sent.status)?.trim() ?? '';
  const word = normalStatus(text);
  const known = statusValues.get(word) ?? BUILT_IN.get(word);
  if (known !== undefined) return { status: known, note: null };
  if (text !== '') return { status: 'firing', note: unknownWord(text) };
  const end = parseRfc3339(sent.endsAt);
  if (end !== null && end <= receivedAt) return { status: 'resolved', note: null };
  return { status: 'firing', note: 'It was sent without a readable status, so it counts as firing.' };
}

const WORD_LIMIT = 60;

function unknownWord(text: string): string {
  const word = cleanLine(text, WORD_LIMIT);
  return `Its status "${word}" is not known, so it counts as firing; values.status of the source can say what it means.`;
}
