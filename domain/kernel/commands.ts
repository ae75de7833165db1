/**
 * What responders can say: one table of commands and their arguments, used by every door (HTTP, command line, signal,
 * update), so that no door accepts what another refuses. Pure.
 */
import { expectation, type Field, fits, kept, SOME_TEXT, TEXT } from './fields.ts';
import { SEVERITIES, type Severity } from './severity.ts';

export const ROLES = ['ic', 'technicalLead', 'communicationsLead', 'scribe'] as const;
export type Role = (typeof ROLES)[number];

/** The words the public sees. */
export const PUBLIC_STATES = ['Investigating', 'Identified', 'Monitoring', 'Resolved'] as const;
export type PublicState = (typeof PUBLIC_STATES)[number];

/** Whom an incident hits. */
export const SCOPES = ['all', 'subset'] as const;

interface CommandBase {
  /** A person of the configuration, or the name of a token bound to nobody. */
  readonly by: string;
  /** The same request id gets the first answer. */
  readonly requestId?: string;
  /** The incident meant: refused when a newer incident has taken its place. Absent: the newest. */
  readonly incidentId?: string;
}

/** What is known of the damage. Absent: not known. `revenueLost` as people write it: "$45000". */
interface ImpactGiven {
  readonly summary: string;
  readonly scope?: (typeof SCOPES)[number];
  readonly usersAffected?: number;
  readonly dataLoss?: boolean;
  readonly revenueLost?: string;
}

/** What an update may say beside its text. */
export interface UpdateDetails {
  readonly impact?: string;
  /** The cause, or today's hypothesis. */
  readonly cause?: string;
  readonly actions?: string;
  readonly nextSteps?: string;
  readonly eta?: string;
}

export type Command = CommandBase &
  (
    | { readonly type: 'acknowledge' }
    | { readonly type: 'decline' }
    | { readonly type: 'assignRole'; readonly role: Role; readonly person: string }
    | { readonly type: 'setSeverity'; readonly severity: Severity; readonly reason: string }
    | ({ readonly type: 'assessImpact' } & ImpactGiven)
    | ({
        readonly type: 'postUpdate';
        readonly text: string;
        readonly audience: 'internal' | 'public';
        readonly status?: PublicState;
      } & UpdateDetails)
    | { readonly type: 'addNote'; readonly text: string }
    | {
        readonly type: 'decideMitigation';
        readonly decision: 'rollback' | 'fix-forward';
        readonly action?: string;
        readonly reason?: string;
        readonly ticks?: readonly string[];
      }
    | { readonly type: 'reportMitigation'; readonly outcome: 'worked' | 'failed'; readonly text?: string }
    | {
        readonly type: 'runAction';
        readonly action: string;
        readonly parameters?: Readonly<Record<string, string>>;
      }
    | { readonly type: 'resolve'; readonly resolution: string; readonly ignoreAlerts?: readonly string[] }
    | { readonly type: 'reopen'; readonly reason: string }
    | { readonly type: 'declareFalseAlarm'; readonly reason: string }
    | { readonly type: 'merge'; readonly into: string }
    | { readonly type: 'split'; readonly alert: string }
    | { readonly type: 'escalate'; readonly to?: string; readonly reason: string }
    | { readonly type: 'movePolicy' }
    | { readonly type: 'addActionItem'; readonly text: string; readonly owner?: string; readonly due?: string }
    | { readonly type: 'completeActionItem'; readonly item: string }
    | { readonly type: 'completePostmortem'; readonly url?: string }
    | { readonly type: 'close'; readonly reason?: string }
  );

export type CommandType = Command['type'];

/** The three things a fix forward must be; `decideMitigation` asks for all of them. */
export const FIX_FORWARD_TICKS = ['minor', 'understood', 'faster'] as const;

/** Every command with its arguments. The HTTP route is the name in kebab-case. */
export const COMMANDS: Readonly<Record<CommandType, Readonly<Record<string, Field>>>> = {
  acknowledge: {},
  decline: {},
  assignRole: { role: { is: ROLES }, person: TEXT },
  setSeverity: { severity: { is: SEVERITIES }, reason: TEXT },
  assessImpact: {
    summary: TEXT,
    scope: { is: SCOPES, optional: true },
    usersAffected: { is: 'count', optional: true },
    dataLoss: { is: 'flag', optional: true },
    revenueLost: { is: 'amount', optional: true },
  },
  postUpdate: {
    text: TEXT,
    audience: { is: ['internal', 'public'] },
    status: { is: PUBLIC_STATES, optional: true },
    impact: SOME_TEXT,
    cause: SOME_TEXT,
    actions: SOME_TEXT,
    nextSteps: SOME_TEXT,
    eta: SOME_TEXT,
  },
  addNote: { text: TEXT },
  decideMitigation: {
    decision: { is: ['rollback', 'fix-forward'] },
    action: SOME_TEXT,
    reason: SOME_TEXT,
    ticks: { is: 'texts', optional: true },
  },
  reportMitigation: { outcome: { is: ['worked', 'failed'] }, text: SOME_TEXT },
  runAction: { action: TEXT, parameters: { is: 'values', optional: true } },
  resolve: { resolution: TEXT, ignoreAlerts: { is: 'texts', optional: true } },
  reopen: { reason: TEXT },
  declareFalseAlarm: { reason: TEXT },
  merge: { into: TEXT },
  split: { alert: TEXT },
  escalate: { to: SOME_TEXT, reason: TEXT },
  movePolicy: {},
  addActionItem: { text: TEXT, owner: SOME_TEXT, due: { is: 'day', optional: true } },
  completeActionItem: { item: TEXT },
  completePostmortem: { url: { is: 'address', optional: true } },
  close: { reason: SOME_TEXT },
};

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
    by: TEXT,
    requestId: SOME_TEXT,
    incidentId: SOME_TEXT,
    ...COMMANDS[type],
  };
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined || value === null) {
      if (!field.optional) problems.push({ at: name, message: `required: ${expectation(field)}` });
    } else if (fits(field, value)) {
      command[name] = kept(field, value);
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
