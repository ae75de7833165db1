/**
 * What responders can do: one table of commands. HTTP, signals and updates all validate by it, so that none accepts
 * what another refuses. The HTTP routes, their OpenAPI and the plain commands of the CLI are derived from it. Pure.
 */
import { expectation, type Field, fits, kept, type ValueOf } from './fields.ts';
import type { Phase } from './phase.ts';
import { SEVERITIES } from './severity.ts';
import { kebab } from './text.ts';

export const ROLES = ['ic', 'technicalLead', 'communicationsLead', 'scribe'] as const;
export type Role = (typeof ROLES)[number];

/** Other names of roles, taken wherever a role is. */
const ROLE_SYNONYMS = { operationsLead: 'technicalLead' } as const satisfies Readonly<Record<string, Role>>;

/** The words the public sees. */
export const PUBLIC_STATES = ['Investigating', 'Identified', 'Monitoring', 'Resolved'] as const;
export type PublicState = (typeof PUBLIC_STATES)[number];

/** Whom an incident hits. */
export const SCOPES = ['all', 'subset'] as const;

/** The three things a fix forward must be; `decideMitigation` asks for all of them. */
export const FIX_FORWARD_TICKS = ['minor', 'understood', 'faster'] as const;

const OPEN = ['declared', 'investigating', 'mitigating', 'monitoring'] as const satisfies readonly Phase[];
const ALWAYS = [...OPEN, 'resolved', 'closed'] as const satisfies readonly Phase[];

interface CommandDefinition {
  /** One line of help, without a full stop. */
  readonly summary: string;
  /** In which phases it may be given at all. */
  readonly allowedIn: readonly Phase[];
  readonly fields: Readonly<Record<string, Field>>;
  readonly cli: CommandLineHelp;
}

/** How the command line calls it. The first arguments are the incident and `args`; every other field is an option. */
export interface CommandLineHelp {
  readonly name: string;
  /** Fields that are arguments, in this order. */
  readonly args?: readonly string[];
  readonly aliases?: readonly string[];
  /** Words of people who may mean this command: answered with "did you mean". */
  readonly suggestedFor?: readonly string[];
  /** What is said when the request failed: certainly not done; perhaps done (`it is not known whether …`). */
  readonly consequence?: { readonly undone: string; readonly uncertain: string };
  readonly examples: readonly [string, ...string[]];
}

/** Every command with its arguments. The HTTP route is the name in kebab-case. */
export const COMMANDS = {
  acknowledge: {
    summary: 'acknowledge: you have it, and nobody else is paged',
    allowedIn: OPEN,
    fields: {},
    cli: {
      name: 'ack',
      aliases: ['acknowledge'],
      suggestedFor: ['acknowledged', 'take', 'claim', 'accept', 'answer', 'own', 'mine'],
      consequence: {
        undone: 'not acknowledged, and nobody was told that you have it',
        uncertain: 'it was acknowledged',
      },
      examples: [
        'tocsin ack INC-2026-003',
        'tocsin ack inc-platform-3f9c21d07be44a10b2c6 --as ana',
        'tocsin ack --severity SEV1',
      ],
    },
  },
  decline: {
    summary: 'say that you cannot take it: the next level is paged at once',
    allowedIn: ['declared'],
    fields: {},
    cli: {
      name: 'decline',
      suggestedFor: ['reject', 'refuse', 'nack', 'pass', 'handoff'],
      consequence: { undone: 'nobody else was paged', uncertain: 'the next level was paged' },
      examples: ['tocsin decline INC-2026-003'],
    },
  },
  assignRole: {
    summary: 'give somebody a role, such as incident commander (ic)',
    allowedIn: OPEN,
    fields: {
      role: { is: ROLES, synonyms: ROLE_SYNONYMS, about: 'the role; the operations lead is the technical lead' },
      person: { is: 'text', about: 'a person of the configuration' },
    },
    cli: {
      name: 'assign',
      args: ['role', 'person'],
      suggestedFor: ['role', 'give', 'handover', 'hand-over', 'delegate', 'reassign', 'transfer', 'handoff'],
      examples: ['tocsin assign INC-2026-003 ic ana', 'tocsin assign INC-2026-003 operations-lead bo'],
    },
  },
  setSeverity: {
    summary: 'raise or lower the severity',
    allowedIn: OPEN,
    fields: { severity: { is: SEVERITIES, about: 'the new severity' }, reason: { is: 'text', about: 'why' } },
    cli: {
      name: 'severity',
      args: ['severity'],
      suggestedFor: ['sev', 'raise', 'lower', 'upgrade', 'downgrade', 'priority', 'set-severity'],
      examples: ['tocsin severity INC-2026-003 SEV1 --reason "checkout is down as well"'],
    },
  },
  assessImpact: {
    summary: 'say what users notice; whatever you leave out stays as it was',
    allowedIn: [...OPEN, 'resolved'],
    fields: {
      summary: { is: 'text', about: 'in a sentence' },
      scope: { is: SCOPES, optional: true, about: 'whom it hits' },
      usersAffected: { is: 'count', optional: true, about: 'how many users', flags: '--users <number>' },
      dataLoss: { is: 'flag', optional: true, about: 'whether data is lost or corrupt' },
      revenueLost: {
        is: 'amount',
        optional: true,
        about: 'what it has cost, as you write it',
        flags: '--revenue <amount>',
      },
    },
    cli: {
      name: 'impact',
      args: ['summary'],
      suggestedFor: ['affected', 'users', 'customers', 'set-impact'],
      examples: [
        'tocsin impact INC-2026-003 "Nobody can pay" --scope all',
        `tocsin impact INC-2026-003 "Nobody could pay" --users 15000 --data-loss no --revenue '$45000'`,
      ],
    },
  },
  postUpdate: {
    summary: 'post an update: for the team, or for the public; the next one is due from now',
    // Resolved: the last word to the public and to external stakeholders.
    allowedIn: [...OPEN, 'resolved'],
    fields: {
      text: { is: 'text', optional: true, about: 'what to say; with a status, a standard sentence by default' },
      audience: { is: ['internal', 'public'], about: 'who reads it' },
      status: { is: PUBLIC_STATES, optional: true, about: 'the state that the public sees' },
      impact: { is: 'text', optional: true, about: 'what users notice' },
      cause: { is: 'text', optional: true, about: "the cause, or today's hypothesis" },
      actions: { is: 'text', optional: true, about: 'what is being done' },
      nextSteps: { is: 'text', optional: true, about: 'what comes next', flags: '--next <text>' },
      eta: { is: 'text', optional: true, about: 'when it may be over' },
    },
    cli: {
      name: 'update',
      suggestedFor: [
        'post',
        'tell',
        'announce',
        'publish',
        'communicate',
        'notify',
        'message',
        'status-update',
        'post-update',
      ],
      consequence: { undone: 'nobody was told', uncertain: 'anybody was told' },
      examples: [
        'tocsin update INC-2026-003 --text "Rolling back the 14:00 deploy"',
        'tocsin update INC-2026-003 --status Identified --text "We found the cause and are fixing it."',
        'tocsin update INC-2026-003 --status Investigating',
        'tocsin update INC-2026-003 --text "Still down" --cause "a full disk" --actions "moving logs" --eta "15:00"',
      ],
    },
  },
  addNote: {
    summary: 'add a note to the timeline; nobody is notified',
    allowedIn: ALWAYS,
    fields: { text: { is: 'text', about: 'what to write' } },
    cli: {
      name: 'note',
      args: ['text'],
      aliases: ['comment'],
      suggestedFor: ['log', 'remark', 'write', 'add-note', 'add'],
      examples: ['tocsin note INC-2026-003 "disk of db-2 was full at 14:02"'],
    },
  },
  cause: {
    summary: 'say what caused it, or what you take for the cause today; the latest counts',
    allowedIn: [...OPEN, 'resolved'],
    fields: { text: { is: 'text', about: 'the cause' } },
    cli: {
      name: 'cause',
      args: ['text'],
      aliases: ['root-cause'],
      suggestedFor: ['reason', 'hypothesis', 'identified', 'because'],
      examples: ['tocsin cause INC-2026-003 "a full disk on db-2"'],
    },
  },
  decideMitigation: {
    summary: 'decide how to restore service: roll back, or fix forward (which needs all three ticks)',
    allowedIn: ['investigating', 'mitigating'],
    fields: {
      decision: { is: ['rollback', 'fix-forward'], about: 'what to do' },
      action: { is: 'text', optional: true, about: 'what is done, in a word', flags: '--action <name>' },
      reason: { is: 'text', optional: true, about: 'why' },
      ticks: {
        is: 'texts',
        optional: true,
        about: 'what a fix forward must be',
        flags: '--tick <word>',
        choices: FIX_FORWARD_TICKS,
      },
    },
    cli: {
      name: 'decide',
      args: ['decision'],
      suggestedFor: ['decision', 'rollback', 'roll-back', 'fix-forward', 'mitigate'],
      examples: [
        'tocsin decide INC-2026-003 rollback --reason "started with the 14:00 deploy"',
        'tocsin decide INC-2026-003 fix-forward --tick minor --tick understood --tick faster --reason "one wrong flag"',
      ],
    },
  },
  reportMitigation: {
    summary: 'say whether the mitigation worked',
    allowedIn: ['mitigating'],
    fields: {
      outcome: { is: ['worked', 'failed'], about: 'the outcome' },
      text: { is: 'text', optional: true, about: 'what you see' },
    },
    cli: {
      name: 'mitigation',
      args: ['outcome'],
      suggestedFor: ['mitigate', 'mitigated', 'worked', 'failed'],
      examples: [
        'tocsin mitigation INC-2026-003 worked',
        'tocsin mitigation INC-2026-003 failed --text "errors are back"',
      ],
    },
  },
  runAction: {
    summary: 'run an action of the configuration, for an incident or by itself (this version runs none yet)',
    allowedIn: OPEN,
    fields: {
      action: { is: 'text', about: 'its name' },
      parameters: { is: 'values', optional: true, about: 'its parameters' },
    },
    cli: {
      name: 'run',
      suggestedFor: ['execute', 'exec', 'do', 'runbook', 'action-run'],
      examples: [
        'tocsin run INC-2026-003 cache:clear:all --region=eu',
        'tocsin run db:pool:resize --size=50',
        'tocsin run db:pool:resize --size=50 --id INC-2026-003',
      ],
    },
  },
  resolve: {
    summary: 'say that it is fixed: the monitoring window begins (or is confirmed)',
    allowedIn: OPEN,
    fields: {
      resolution: { is: 'text', about: 'what fixed it' },
      ignoreAlerts: {
        is: 'texts',
        optional: true,
        about: 'this alert need not clear',
        flags: '--ignore-alert <fingerprint>',
      },
    },
    cli: {
      name: 'resolve',
      suggestedFor: ['resolved', 'fix', 'fixed', 'done', 'end', 'finish', 'complete', 'stop'],
      examples: [
        'tocsin resolve INC-2026-003 --resolution "rolled back to 1.8.2"',
        'tocsin resolve INC-2026-003 --resolution "replaced the disk" --ignore-alert 5ef77f1f8a3ecfca',
      ],
    },
  },
  reopen: {
    summary: 'say that it is not over: the incident goes back to mitigating',
    // Closed: only while it is merged into another that is open.
    allowedIn: ['monitoring', 'resolved', 'closed'],
    fields: { reason: { is: 'text', about: 'what you see' } },
    cli: {
      name: 'reopen',
      suggestedFor: ['unresolve', 'again', 'restart'],
      examples: ['tocsin reopen INC-2026-003 --reason "customers report errors again"'],
    },
  },
  declareFalseAlarm: {
    summary: 'close it as a false alarm, and correct what was public',
    allowedIn: OPEN,
    fields: { reason: { is: 'text', about: 'how you know' } },
    cli: {
      name: 'false-alarm',
      aliases: ['false-positive'],
      suggestedFor: ['cancel', 'dismiss', 'ignore'],
      examples: ['tocsin false-alarm INC-2026-003 --reason "the probe was broken"'],
    },
  },
  merge: {
    summary: 'merge it into another incident; work continues there',
    allowedIn: OPEN,
    fields: { into: { is: 'text', about: 'the incident to merge into: its number or workflow id' } },
    cli: {
      name: 'merge',
      args: ['into'],
      suggestedFor: ['join', 'combine', 'duplicate', 'link'],
      examples: ['tocsin merge INC-2026-004 INC-2026-003'],
    },
  },
  split: {
    summary: 'split a group off a storm: it gets an incident of its own',
    allowedIn: OPEN,
    fields: {
      alert: { is: 'text', about: 'the group: its workflow id or title, or the fingerprint of one of its alerts' },
    },
    cli: {
      name: 'split',
      args: ['alert'],
      suggestedFor: ['separate'],
      examples: ['tocsin split storm-platform "Checkout is slow"'],
    },
  },
  escalate: {
    summary: 'page the next level now, or somebody by name',
    allowedIn: OPEN,
    fields: {
      to: { is: 'text', optional: true, about: 'a person or a team', flags: '--to <name>' },
      reason: { is: 'text', about: 'why' },
    },
    cli: {
      name: 'escalate',
      suggestedFor: ['page', 'call', 'notify', 'summon', 'alert', 'escalation'],
      consequence: { undone: 'nobody was paged', uncertain: 'anybody was paged' },
      examples: ['tocsin escalate INC-2026-003 --to bo --reason "needs a database person"'],
    },
  },
  movePolicy: {
    summary: "switch it to today's configuration, from the one it was declared under",
    allowedIn: OPEN,
    fields: {},
    cli: {
      name: 'move-policy',
      suggestedFor: ['policy'],
      examples: ['tocsin move-policy INC-2026-003'],
    },
  },
  addActionItem: {
    summary: 'add an action item: something to do after the incident',
    allowedIn: ALWAYS,
    fields: {
      text: { is: 'text', about: 'what to do' },
      owner: {
        is: 'text',
        optional: true,
        about: 'who does it: a person of the configuration',
        flags: '--owner <person>',
      },
      due: { is: 'day', optional: true, about: 'by when, such as 2026-12-24' },
    },
    cli: {
      name: 'action add',
      args: ['text'],
      suggestedFor: ['todo', 'task', 'add', 'followup', 'follow-up'],
      examples: ['tocsin action add INC-2026-003 "Watch the connection pool" --owner bo --due 2026-12-24'],
    },
  },
  completeActionItem: {
    summary: 'mark an action item as done',
    allowedIn: ALWAYS,
    fields: { item: { is: 'text', about: 'its id (A1) or its exact text' } },
    cli: {
      name: 'action done',
      args: ['item'],
      suggestedFor: ['done'],
      examples: ['tocsin action done INC-2026-003 A1'],
    },
  },
  completePostmortem: {
    summary: 'mark the post-mortem as held',
    allowedIn: ['resolved'],
    fields: { url: { is: 'address', optional: true, about: 'where it is, if not here', flags: '--url <address>' } },
    cli: {
      name: 'postmortem done',
      examples: ['tocsin postmortem done INC-2026-003 --url https://wiki.example.com/postmortems/3'],
    },
  },
  close: {
    summary: 'close a resolved incident: nothing is left to do',
    allowedIn: ['resolved'],
    fields: { reason: { is: 'text', optional: true, about: 'why now' } },
    cli: {
      name: 'close',
      suggestedFor: ['end', 'finish', 'archive', 'closed', 'stop'],
      examples: ['tocsin close INC-2026-003'],
    },
  },
} as const satisfies Readonly<Record<string, CommandDefinition>>;

export type CommandType = keyof typeof COMMANDS;

export const COMMAND_TYPES = Object.keys(COMMANDS) as readonly CommandType[];

/** `setSeverity` or `set-severity` → `severity`, as the command line calls it; an unknown name stays as it is. */
export function commandLineName(name: string): string {
  const type = COMMAND_TYPES.find((known) => known === name || kebab(known) === name);
  return type === undefined ? name : COMMANDS[type].cli.name;
}

/** In which phases a command may be given at all. */
export const phasesAllowing = (type: CommandType): readonly Phase[] => COMMANDS[type].allowedIn;

/** The fields of a command, by name. */
export const fieldsOf = (type: CommandType): Readonly<Record<string, Field>> => COMMANDS[type].fields;

interface CommandBase {
  /** A person of the configuration, or the name of a token bound to nobody. */
  readonly by: string;
  /** `by` is the name of a token bound to nobody: it never gets a role. Set by the server. */
  readonly byToken?: boolean;
  /** The same request id gets the first answer. */
  readonly requestId?: string;
  /** The incident meant: refused when a newer incident has taken its place. Absent: the newest. */
  readonly incidentId?: string;
}

type Arguments<Fields extends Readonly<Record<string, Field>>> = {
  readonly [Name in keyof Fields as Fields[Name] extends { readonly optional: true } ? never : Name]: ValueOf<
    Fields[Name]
  >;
} & {
  readonly [Name in keyof Fields as Fields[Name] extends { readonly optional: true } ? Name : never]?: ValueOf<
    Fields[Name]
  >;
};

export type Command = {
  [Type in CommandType]: CommandBase & { readonly type: Type } & Arguments<(typeof COMMANDS)[Type]['fields']>;
}[CommandType];

/** What an update may say beside its text. */
export type UpdateDetails = Pick<
  Command & { readonly type: 'postUpdate' },
  'impact' | 'cause' | 'actions' | 'nextSteps' | 'eta'
>;

export interface Problem {
  readonly at: string;
  readonly message: string;
}

/** Fields that every command may carry. */
const COMMON_FIELDS: Readonly<Record<string, Field>> = {
  by: { is: 'text', about: 'who says it' },
  byToken: { is: 'flag', optional: true, about: '`by` is a token bound to nobody' },
  requestId: { is: 'text', optional: true, about: 'the same id gets the first answer' },
  incidentId: { is: 'text', optional: true, about: 'refused when another incident has taken its place' },
};

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
  const fields = { ...COMMON_FIELDS, ...fieldsOf(type) };
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
