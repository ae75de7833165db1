/**
 * What responders can say, under the name of the command line. The HTTP route is the command's own name in kebab-case.
 */
import type { CommandType } from '../../domain/kernel/commands.ts';
import { kebab } from '../../domain/kernel/text.ts';

/** Every command of the API has its word here: a new one that has none does not compile. */
const CLI_NAMES = {
  acknowledge: 'ack',
  decline: 'decline',
  assignRole: 'assign',
  setSeverity: 'severity',
  postUpdate: 'update',
  assessImpact: 'impact',
  addNote: 'note',
  decideMitigation: 'decide',
  reportMitigation: 'mitigation',
  runAction: 'run',
  resolve: 'resolve',
  reopen: 'reopen',
  declareFalseAlarm: 'false-alarm',
  merge: 'merge',
  split: 'split',
  escalate: 'escalate',
  movePolicy: 'move-policy',
  addActionItem: 'action add',
  completeActionItem: 'action done',
  completePostmortem: 'postmortem done',
  close: 'close',
} as const satisfies Record<CommandType, string>;

/** `setSeverity` or `set-severity` → `severity`; an unknown name stays as it is. */
export function commandNameOf(name: string): string {
  const camel = name.replace(/-([a-z])/g, (_, first: string) => first.toUpperCase());
  return Object.hasOwn(CLI_NAMES, camel) ? CLI_NAMES[camel as CommandType] : name;
}

/** `setSeverity` → `set-severity`. */
export const commandRoute = (type: CommandType): string => kebab(type);
