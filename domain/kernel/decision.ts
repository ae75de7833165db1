/** What comes of a command: what it causes, that its effect already holds, or why it cannot be. Pure. */
import type { CommandType } from './commands.ts';
import type { IncidentEvent } from './events.ts';

export type Decision =
  | { readonly refused: false; readonly events: readonly IncidentEvent[]; readonly text: string }
  | { readonly refused: true; readonly reason: string; readonly allowed: readonly CommandType[] };

/** Says no, and what can be done instead. */
export type Refuse = (reason: string) => Decision;

export function accept(text: string, ...events: readonly IncidentEvent[]): Decision {
  return { refused: false, events, text };
}

/** The effect already holds: nothing changes. */
export function already(text: string): Decision {
  return accept(text);
}
