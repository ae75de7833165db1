/** What comes of a command: what it causes, that its effect already holds, or why it cannot be. Pure. */
import type { CommandType } from './commands.ts';
import type { IncidentEvent } from './events.ts';
import type { Text } from './text.ts';

export type Decision =
  | { readonly refused: false; readonly events: readonly IncidentEvent[]; readonly text: Answer }
  | { readonly refused: true; readonly reason: string; readonly allowed: readonly CommandType[] };

/** What the person reads who gave the command; people in it are keys until somebody renders it who knows their names. */
export type Answer = string | Text;

/** Says no, and what can be done instead. */
export type Refuse = (reason: string) => Decision;

export function accept(text: Answer, ...events: readonly IncidentEvent[]): Decision {
  return { refused: false, events, text };
}

/** The effect already holds: nothing changes. */
export function already(text: Answer): Decision {
  return accept(text);
}
