/** How events change what is known of the fix. Pure. */
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident, Mitigation, MonitoringWindow } from '../kernel/incident.ts';
import { monitoringLengthMs } from './monitoring-window.ts';

export function reduceMitigation(before: Incident, _after: Incident, event: IncidentEvent): Mitigation {
  const { mitigation } = before;
  switch (event.type) {
    case 'mitigation-decided':
      return { ...mitigation, decision: event.decision, startedAt: mitigation.startedAt ?? event.at };
    case 'mitigation-reported':
      return event.outcome === 'worked' ? { ...mitigation, mitigatedAt: event.at } : mitigation;
    case 'monitoring-started':
      return monitoringStarted(before, event);
    case 'resolve-confirmed':
      return { ...withWindow(mitigation, { confirmed: true }), resolution: event.resolution };
    case 'confirmation-requested':
      return withWindow(mitigation, { confirmationRequested: true });
    case 'recurred':
    case 'reopened':
      return { ...mitigation, monitoringWindow: null, mitigatedAt: null };
    default:
      return mitigation;
  }
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
