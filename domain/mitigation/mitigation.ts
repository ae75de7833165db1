/** How events change what is known of the fix. Pure. */
import type { EventOf } from '../kernel/events.ts';
import type { Incident, Mitigation, MonitoringWindow } from '../kernel/incident.ts';
import type { Reducers } from '../kernel/reduce.ts';
import { monitoringLengthMs } from './monitoring-window.ts';

export const MITIGATION_REDUCERS: Reducers<Mitigation> = {
  'mitigation-decided': ({ mitigation }, { at, decision }) => ({
    ...mitigation,
    decision,
    disproved: false,
    startedAt: mitigation.startedAt ?? at,
  }),
  'mitigation-reported': ({ mitigation }, { at, outcome }) =>
    outcome === 'worked' ? { ...mitigation, disproved: false, mitigatedAt: at } : { ...mitigation, disproved: true },
  'monitoring-started': monitoringStarted,
  'resolve-confirmed': ({ mitigation }, { resolution }) => ({
    ...withWindow(mitigation, { confirmed: true }),
    resolution,
  }),
  'confirmation-requested': ({ mitigation }) => withWindow(mitigation, { confirmationRequested: true }),
  recurred: backToWork,
  reopened: backToWork,
};

function backToWork({ mitigation }: Incident): Mitigation {
  return { ...mitigation, disproved: true, monitoringWindow: null, mitigatedAt: null };
}

function monitoringStarted(incident: Incident, event: EventOf<'monitoring-started'>): Mitigation {
  const { at, by, resolution } = event;
  const { mitigation } = incident;
  const endsAt = at + monitoringLengthMs(incident);
  return {
    ...mitigation,
    mitigatedAt: mitigation.mitigatedAt ?? at,
    resolution: resolution ?? mitigation.resolution,
    monitoringWindow: { startedAt: at, endsAt, confirmed: by !== null, confirmationRequested: false },
  };
}

function withWindow(mitigation: Mitigation, change: Partial<MonitoringWindow>): Mitigation {
  const { monitoringWindow } = mitigation;
  return { ...mitigation, monitoringWindow: monitoringWindow && { ...monitoringWindow, ...change } };
}
