/** What the records keep of every alert, so that a report of it finds its incident. */
import { describe, expect, test } from '@jest/globals';
import { DETAILED_ALERTS } from '../../../domain/kernel/alert.ts';
import { withChangedAlerts } from '../../../domain/engine/changed-alerts.ts';
import { nextProjectionBatch } from '../../../domain/engine/projection.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { OwnedAlert } from '../../../domain/kernel/projection.ts';
import {
  afterAlerts,
  afterCommand,
  afterEvents,
  atMinute,
  firingIncident,
  recordedUpTo,
} from '../../support/pure-incident.ts';

const owned = (incident: Incident): readonly OwnedAlert[] => nextProjectionBatch(incident)?.ownedAlerts ?? [];
const recorded = (incident: Incident): Incident => afterEvents(incident, recordedUpTo(incident.stateVersion));
const note = { type: 'note-added', at: atMinute(5), by: 'ana', text: 'a note' } as const;

/** As if a step of the runbook had changed what is known of the alerts. */
function changed(incident: Incident, alerts: Partial<Incident['alerts']>): Incident {
  const after = { ...incident, alerts: { ...incident.alerts, ...alerts }, stateVersion: incident.stateVersion + 1 };
  return withChangedAlerts(incident, after, note);
}

function withState(incident: Incident, fingerprint: string, over: object): Incident {
  const state = incident.alerts.states[fingerprint];
  return changed(incident, { states: { ...incident.alerts.states, [fingerprint]: { ...state!, ...over } } });
}

describe('what the records keep of an alert', () => {
  test('is its source, its start, whether it fires, and until when the run remembers it', () => {
    const incident = firingIncident();
    const { lastReportedAt, staleAfterMs, startsAt } = incident.alerts.states['f1']!;
    expect(owned(incident)).toEqual([
      {
        ...{ fingerprint: 'f1', name: 'CheckoutFails', source: incident.source, firing: true },
        ...{ startsAt, endsAt: null },
        ...{ lingersUntil: lastReportedAt + staleAfterMs, stateVersion: incident.stateVersion },
      },
    ]);
    const cleared = afterAlerts(recorded(incident), 2, [{ status: 'resolved', endsAt: atMinute(2) }]).incident;
    expect(owned(cleared)).toMatchObject([{ firing: false, endsAt: atMinute(2), lingersUntil: atMinute(12) }]);
  });

  test('names the source that it came from, its groups, and that a person ignored it', () => {
    const other = afterAlerts(recorded(firingIncident()), 2, [{ fingerprint: 'f2' }], { source: 'grafana' }).incident;
    expect(owned(other)).toMatchObject([{ fingerprint: 'f2', source: 'grafana' }]);
    const grouped = withState(recorded(other), 'f2', { messageGroups: ['b', 'a'] });
    expect(owned(grouped)).toMatchObject([{ fingerprint: 'f2', messageGroups: ['b', 'a'] }]);
    expect(owned(withState(recorded(grouped), 'f2', { messageGroups: ['a', 'b'] }))).toEqual([]);
    const ignored = afterCommand(recorded(other), { type: 'resolve', resolution: 'fine', ignoreAlerts: ['f2'] }, 3);
    expect(owned(ignored)).toMatchObject([{ fingerprint: 'f2', firing: true, ignored: true }]);
  });

  test('is kept of every alert, also of those whose labels are not', () => {
    const names = Array.from({ length: DETAILED_ALERTS + 10 }, (_, n) => ({ fingerprint: `n${n}` }));
    const batch = nextProjectionBatch(afterAlerts(recorded(firingIncident()), 2, names).incident);
    expect(batch?.ownedAlerts).toHaveLength(DETAILED_ALERTS + 10);
    expect(batch?.alerts).toHaveLength(DETAILED_ALERTS - 1);
  });

  test('does not change with a repeat, nor with other digits in its words; other words are told', () => {
    const incident = recorded(firingIncident());
    expect(owned(afterAlerts(incident, 2, [{}]).incident)).toEqual([]);
    const { f1 } = incident.alerts.details;
    const summary = (text: string) => ({ details: { f1: { ...f1!, annotations: { summary: text } } } });
    const worded = changed(incident, summary('disk 91% full'));
    expect(nextProjectionBatch(worded)?.alerts).toMatchObject([{ annotations: { summary: 'disk 91% full' } }]);
    expect(owned(changed(recorded(worded), summary('disk 100% full')))).toEqual([]);
  });

  test('says once that it has ended, when the run forgets the alert; the record keeps it', () => {
    const incident = recorded(firingIncident());
    const forgotten = changed(incident, { states: {}, details: {} });
    expect(nextProjectionBatch(forgotten)).toMatchObject({
      alerts: [],
      ownedAlerts: [{ fingerprint: 'f1', firing: false }],
    });
    expect(nextProjectionBatch(forgotten)).not.toHaveProperty('removedAlerts');
    expect(owned(recorded(forgotten))).toEqual([]);
  });
});
