/** What a token that is bound to nobody does: as a person, but it never has the incident, nor any role. */
import { describe, expect, test } from '@jest/globals';
import { blankIncident } from '../../../domain/engine/evolve.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { holderOf } from '../../../domain/kernel/roles.ts';
import { plainText } from '../../../domain/kernel/text.ts';
import { postmortemOwner } from '../../../domain/post-incident/follow-ups.ts';
import { aDeclaration } from '../../support/builders.ts';
import {
  afterAlerts,
  afterCommand,
  afterEvents,
  atMinute,
  decideCommand,
  firingIncident,
  SAMPLE_COMMANDS,
  T0,
} from '../../support/pure-incident.ts';
import type { TestCommand } from '../../support/scenario.ts';

const TOKEN = { by: 'admin', byToken: true } as const;
const acknowledge = { type: 'acknowledge', ...TOKEN } as const;
const numbered = (): Incident => ({ ...firingIncident(), reference: 'INC-2026-003' });
const answerTo = (incident: Incident, command: TestCommand, minute = 1): string => {
  const decision = decideCommand(incident, command, minute);
  return decision.refused ? decision.reason : plainText([decision.text].flat());
};
const ASK = 'Nobody is incident commander: tocsin assign INC-2026-003 ic NAME, or tocsin ack INC-2026-003 --as NAME.';

describe('[CMD-9] an acknowledgement by a token that is bound to nobody', () => {
  test('stops the escalation, and asks who has it', () => {
    expect(answerTo(numbered(), acknowledge)).toBe(`Acknowledged by admin. ${ASK}`);
    const after = afterCommand(numbered(), acknowledge);
    expect(after).toMatchObject({ phase: 'investigating', acknowledgedAt: atMinute(1), acknowledgedBy: null });
    expect([after.escalation.open, holderOf(after), after.roles.ic]).toEqual([false, null, null]);
    const { posts } = after.outbox;
    expect(plainText(posts.at(-1)?.text ?? [])).toContain(
      'admin acknowledged. ⚠ Nobody is incident commander: `tocsin assign INC-2026-003 ic NAME`',
    );
    expect(after.projection.timeline.at(-1)?.text).toBe('admin acknowledged; nobody is incident commander');
  });
  test('leaves the role to the first person who takes it', () => {
    const taken = afterCommand(afterCommand(numbered(), acknowledge), { type: 'acknowledge', by: 'bo' }, 2);
    expect(taken).toMatchObject({ acknowledgedAt: atMinute(1), acknowledgedBy: 'bo', roles: { ic: 'bo' } });
    expect(answerTo(taken, acknowledge, 3)).toBe('bo has it.');
  });
  test('changes nothing the second time', () => {
    const again = decideCommand(afterCommand(numbered(), acknowledge), acknowledge, 2);
    expect(again).toEqual({ refused: false, events: [], text: 'Acknowledged already.' });
  });
  test.each<TestCommand>([
    { type: 'resolve', resolution: 'fixed', ...TOKEN },
    { type: 'setSeverity', severity: 'SEV3', reason: 'milder', ...TOKEN },
  ])('by $type is the same', (command) => {
    expect(answerTo(numbered(), command)).toContain(ASK);
    expect(afterCommand(numbered(), command).roles.ic).toBeNull();
  });
  test('does not take command from an IC who was paged and did not answer', () => {
    const taken = afterCommand(numbered(), { type: 'acknowledge', by: 'ana' });
    const back = afterAlerts(afterCommand(taken, SAMPLE_COMMANDS.resolve, 2), 3, [
      { fingerprint: 'other', startsAt: atMinute(3) },
    ]).incident;
    expect([back.escalation.open, back.escalation.commanderPaged]).toEqual([true, true]);
    const seen = afterCommand(back, acknowledge, 4);
    expect([seen.escalation.open, seen.roles.ic]).toEqual([false, 'ana']);
    expect(answerTo(back, acknowledge, 4)).toBe('Acknowledged by admin.');
    expect(plainText(seen.outbox.posts.at(-1)?.text ?? [])).toContain('ana is incident commander');
  });
  test('that gives somebody the role is that person’s', () => {
    const command = { type: 'assignRole', role: 'ic', person: 'bo', ...TOKEN } as const;
    expect(afterCommand(numbered(), command)).toMatchObject({ acknowledgedBy: 'bo', roles: { ic: 'bo' } });
    expect(answerTo(numbered(), command)).toBe('bo is incident commander.');
  });
});

test('[CMD-9] a token is nobody who was involved, and owes no post-mortem', () => {
  const declaration = aDeclaration({ declaredBy: 'admin', declaredByToken: true });
  const noted = afterCommand(blankIncident(declaration, T0), { type: 'addNote', text: 'x', ...TOKEN });
  expect([noted.involved, postmortemOwner(noted)]).toEqual([[], null]);
  const byBo = afterCommand(noted, { type: 'addNote', text: 'y', by: 'bo' });
  expect([byBo.involved, postmortemOwner(byBo)]).toEqual([['bo'], 'bo']);
});

test('[PAGE-22] nobody has it by name and it goes quiet: the on-call is paged', () => {
  const quiet = afterEvents(
    afterCommand(numbered(), acknowledge),
    { type: 'inactivity-nudged', at: atMinute(61) },
    { type: 'inactivity-paged', at: atMinute(71) },
  );
  expect(quiet.outbox.pages.at(-1)).toMatchObject({ reason: 'inactive' });
  expect(quiet.outbox.pages.at(-1)?.targets.flatMap(({ names }) => names)).toEqual(quiet.policy.levels[0]);
  expect(quiet.projection.timeline.at(-1)?.text).toContain('paging the on-call');
});
