import type { Command, CommandType } from '../../../domain/kernel/commands.ts';
import { PHASES, type Phase } from '../../../domain/kernel/phase.ts';
import { provisionalView } from '../../../webhook-server/incidents/declare-incident.ts';
import type { CommandSenderParts } from '../../../webhook-server/incidents/send-command.ts';
import {
  CommandSender,
  needsLookupFirst,
  commandDestination,
  refusalInCurrentPhase,
} from '../../../webhook-server/incidents/send-command.ts';
import { opening, T0 } from '../support/routed-alerts.ts';

const command = (type: CommandType, incidentId?: string): Command =>
  ({ type, by: 'ana', ...(incidentId === undefined ? {} : { incidentId }) }) as Command;
const view = (phase: Phase) => ({ ...provisionalView(opening('inc', { incidentId: 'NEW' }), T0), phase });
const route = (said: Command, phase: Phase, runHasEnded: boolean) => {
  const destination = commandDestination(said, { view: view(phase), runHasEnded });
  return destination.to === 'nobody' ? destination.refusal : destination;
};

/** What the matrix allows while an incident is resolved, and once it is closed. */
const POST_INCIDENT: readonly CommandType[] = [
  ...(['assessImpact', 'postUpdate', 'addNote', 'cause', 'reopen', 'addActionItem', 'completeActionItem'] as const),
  ...(['completePostmortem', 'close'] as const),
];
const CLOSED: readonly CommandType[] = ['addNote', 'addActionItem', 'completeActionItem'];

test('what no open incident takes goes to it while it is open, and to its post-incident flow once it is resolved', () => {
  for (const type of ['close', 'reopen', 'completePostmortem'] as const) {
    expect(needsLookupFirst(command(type))).toBe(true);
    expect(route(command(type), 'monitoring', false)).toEqual({ to: 'incident' });
    for (const over of [true, false]) {
      expect(route(command(type), 'resolved', over)).toEqual({ to: 'postIncident', incidentId: 'NEW' });
    }
  }
});

test('an older incident is its own post-incident flow’s, even while a newer one is open', () => {
  for (const phase of PHASES) {
    expect(route(command('close', 'OLD'), phase, false)).toEqual({ to: 'postIncident', incidentId: 'OLD' });
  }
  expect(route(command('acknowledge', 'OLD'), 'declared', false)).toEqual({
    reason: 'this incident is over, and a newer one has its place: NEW',
    phase: 'resolved',
    allowed: POST_INCIDENT,
  });
});

test('notes, items and impact follow the incident into the post-incident flow; anything else is refused, saying what is possible', () => {
  for (const type of POST_INCIDENT) {
    expect(route(command(type), 'resolved', true)).toEqual({ to: 'postIncident', incidentId: 'NEW' });
  }
  for (const type of CLOSED) {
    expect(route(command(type), 'closed', true)).toEqual({ to: 'postIncident', incidentId: 'NEW' });
    expect(route(command(type), 'investigating', false)).toEqual({ to: 'incident' });
  }
  expect(route(command('acknowledge'), 'resolved', true)).toEqual({
    reason: 'the incident is resolved: if it is not over, reopen it (tocsin reopen NEW --reason "…")',
    phase: 'resolved',
    allowed: POST_INCIDENT,
  });
  expect(route(command('acknowledge'), 'closed', true)).toMatchObject({ phase: 'closed', allowed: CLOSED });
});

test('what the post-incident flow has closed is not said to be resolved by the run that still lingers', () => {
  const refused = { reason: 'the incident is resolved', phase: 'resolved', allowed: POST_INCIDENT } as const;
  const closed = {
    reason:
      'the incident is closed: it takes only notes and action items now; if it is back, declare a new one (tocsin declare)',
    ...{ phase: 'closed', allowed: CLOSED },
  };
  expect(refusalInCurrentPhase(refused, view('closed'))).toEqual(closed);
  for (const now of [view('resolved'), view('mitigating'), null])
    expect(refusalInCurrentPhase(refused, now)).toBe(refused);
  const open = { reason: 'no', phase: 'declared', allowed: [] } as const;
  expect(refusalInCurrentPhase(open, view('closed'))).toBe(open);
});

test('a lingering run judges for itself', () => {
  expect(route(command('acknowledge'), 'resolved', false)).toEqual({ to: 'incident' });
});

test('[LIFE-22] what is merged is reopened by its own run while that forwards its alerts, and by nobody afterwards', () => {
  const merged = (isOver: boolean) => ({ ...view('closed'), mergedTo: { workflowId: 'inc-b', isOver } });
  expect(commandDestination(command('reopen'), { view: merged(false), runHasEnded: false })).toEqual({
    to: 'incident',
  });
  expect(commandDestination(command('reopen'), { view: merged(true), runHasEnded: false })).not.toEqual({
    to: 'incident',
  });
});

test('an answer calls people by their names', async () => {
  const answered = {
    ...{ command: 'acknowledge', changed: true, phase: 'investigating', seq: 4 },
    text: 'ana has it.',
  };
  const executeUpdate = () => Promise.resolve({ ...answered, parts: [{ person: 'ana' }, ' has it.'] });
  const sender = new CommandSender({
    client: { workflow: { getHandle: () => ({ executeUpdate }) } },
    circuitBreaker: { callWithin: (_ms: number, call: () => Promise<unknown>) => call() },
    nameOf: (person: string) => (person === 'ana' ? 'Ana Ruiz' : person),
  } as unknown as CommandSenderParts);
  expect(await sender.send('inc-1', command('acknowledge'))).toEqual({
    ...{ changed: true, phase: 'investigating', seq: 4, text: 'Ana Ruiz has it.' },
  });
});
