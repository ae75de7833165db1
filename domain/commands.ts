/**
 * What responders can say: one table of commands and their arguments, used by every door (HTTP, command line, signal,
 * update), so that no door accepts what another refuses. Pure.
 */
import { SEVERITIES, type Severity } from './severity.ts';

export const ROLES = ['ic', 'technicalLead', 'communicationsLead', 'scribe'] as const;
export type Role = (typeof ROLES)[number];

/** The words the public sees. */
export const PUBLIC_STATES = ['Investigating', 'Identified', 'Monitoring', 'Resolved'] as const;
export type PublicState = (typeof PUBLIC_STATES)[number];

interface Said {
  /** A person of the configuration, or the name of a token bound to nobody. */
  readonly by: string;
  /** The same request id gets the first answer. */
  readonly requestId?: string;
  /** The incident meant: refused when a newer episode has taken its place. Absent: the newest. */
  readonly episode?: string;
}

export type Command = Said &
  (
    | { readonly type: 'acknowledge' }
    | { readonly type: 'decline' }
    | { readonly type: 'assignRole'; readonly role: Role; readonly person: string }
    | { readonly type: 'setSeverity'; readonly severity: Severity; readonly reason: string }
    | {
        readonly type: 'postUpdate';
        readonly text: string;
        readonly audience: 'internal' | 'public';
        readonly status?: PublicState;
      }
    | { readonly type: 'addNote'; readonly text: string }
    | {
        readonly type: 'decideMitigation';
        readonly decision: 'rollback' | 'fix-forward';
        readonly action?: string;
        readonly reason?: string;
        readonly ticks?: readonly string[];
      }
    | { readonly type: 'reportMitigation'; readonly outcome: 'worked' | 'failed'; readonly text?: string }
    | { readonly type: 'resolve'; readonly resolution: string; readonly ignoreAlerts?: readonly string[] }
    | { readonly type: 'reopen'; readonly reason: string }
    | { readonly type: 'declareFalseAlarm'; readonly reason: string }
    | { readonly type: 'split'; readonly alert: string }
    | { readonly type: 'escalate'; readonly to?: string; readonly reason: string }
    | { readonly type: 'close'; readonly reason?: string }
  );

export type CommandType = Command['type'];

/** What a field may hold. A list is an enumeration of words. */
type Field = { readonly is: 'text' | 'texts' | readonly string[]; readonly optional?: true };

/** The three things a fix forward must be; `decideMitigation` asks for all of them. */
export const FIX_FORWARD_TICKS = ['minor', 'understood', 'faster'] as const;

/** Every command with its arguments. The HTTP route is the name in kebab-case. */
export const COMMANDS: Readonly<Record<CommandType, Readonly<Record<string, Field>>>> = {
  acknowledge: {},
  decline: {},
  assignRole: { role: { is: ROLES }, person: { is: 'text' } },
  setSeverity: { severity: { is: SEVERITIES }, reason: { is: 'text' } },
  postUpdate: {
    text: { is: 'text' },
    audience: { is: ['internal', 'public'] },
    status: { is: PUBLIC_STATES, optional: true },
  },
  addNote: { text: { is: 'text' } },
  decideMitigation: {
    decision: { is: ['rollback', 'fix-forward'] },
    action: { is: 'text', optional: true },
    reason: { is: 'text', optional: true },
    ticks: { is: 'texts', optional: true },
  },
  reportMitigation: { outcome: { is: ['worked', 'failed'] }, text: { is: 'text', optional: true } },
  resolve: { resolution: { is: 'text' }, ignoreAlerts: { is: 'texts', optional: true } },
  reopen: { reason: { is: 'text' } },
  declareFalseAlarm: { reason: { is: 'text' } },
  split: { alert: { is: 'text' } },
  escalate: { to: { is: 'text', optional: true }, reason: { is: 'text' } },
  close: { reason: { is: 'text', optional: true } },
};

/** Longest text a command may carry, in UTF-16 units. */
export const TEXT_LIMIT = 4000;

export interface Problem {
  readonly at: string;
  readonly message: string;
}

/** Reads a command from untrusted arguments: either the command or everything that is wrong with it. */
export function readCommand(
  type: CommandType,
  raw: unknown,
): { readonly command: Command } | { readonly problems: readonly Problem[] } {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return { problems: [{ at: '', message: 'expected an object of arguments' }] };
  }
  const given = raw as Record<string, unknown>;
  const problems: Problem[] = [];
  const command: Record<string, unknown> = { type };
  const fields: Record<string, Field> = {
    by: { is: 'text' },
    requestId: { is: 'text', optional: true },
    episode: { is: 'text', optional: true },
    ...COMMANDS[type],
  };
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined || value === null) {
      if (!field.optional) problems.push({ at: name, message: `required: ${expectation(field)}` });
    } else if (fits(field, value)) {
      command[name] = typeof value === 'string' ? value.trim() : value;
    } else {
      problems.push({ at: name, message: `expected ${expectation(field)}` });
    }
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(fields, name) && name !== 'type') {
      problems.push({ at: name, message: `unknown argument of ${type}` });
    }
  }
  return problems.length > 0 ? { problems } : { command: command as unknown as Command };
}

function fits({ is }: Field, value: unknown): boolean {
  if (is === 'text') return isText(value);
  if (is === 'texts') return Array.isArray(value) && value.length <= 100 && value.every(isText);
  return typeof value === 'string' && is.includes(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= TEXT_LIMIT;
}

function expectation({ is }: Field): string {
  if (is === 'text') return `a text of 1 to ${TEXT_LIMIT} characters`;
  if (is === 'texts') return 'a list of texts';
  return `one of ${is.join(', ')}`;
}
