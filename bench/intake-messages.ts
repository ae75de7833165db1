/** The messages of the intake benchmark, as Alertmanager would send them. */
import type { BenchRequest } from './client.ts';
import { alertmanagerWebhook, benchLabels, type Peer } from './peer.ts';

/** Repeats of `groups` open groups in turn: byte for byte what opened them, as a sender's repeats are. */
export function repeatsOf(peer: Peer, prefix: string, groups: number): (n: number) => BenchRequest {
  const requests = Array.from({ length: groups }, (_, n) => sealed(peer.request(`${prefix}-${n}`)));
  return (n) => requests[n % groups] as BenchRequest;
}

/** Every alert a group of its own, of SEV2, SEV3 and SEV4 in turn. */
export function mixedSeverities(peer: Peer, prefix: string): (n: number) => BenchRequest {
  return (n) => {
    const alert = `${prefix}-${n}`;
    const labels = { ...benchLabels(alert), severity: `SEV${2 + (n % 3)}` };
    return { ...peer.request(alert), body: alertmanagerWebhook(alert, labels) };
  };
}

/** One message of `alerts` alerts of about 1 kB. `sites` > 0: spread over as many incidents by the label `site`. */
export function largeMessage(
  peer: Peer,
  name: string,
  { alerts, sites }: { alerts: number; sites: number },
): BenchRequest {
  const startsAt = new Date().toISOString();
  const labels = { alertname: name, severity: 'critical', job: 'bench' };
  const all = Array.from({ length: alerts }, (_, n) => ({
    status: 'firing',
    labels: {
      ...{ ...labels, instance: `host-${n}.example.net:9100`, pod: `${name}-${n}-abcdef`, cluster: `c${n % 7}` },
      ...(sites > 0 ? { site: `${name}-${n % sites}` } : {}),
    },
    annotations: {
      summary: `bench ${name} on host ${n}`,
      description: `${n} `.padEnd(500, 'the disk is nearly full; '),
    },
    startsAt,
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: `http://127.0.0.1/g?n=${n}`,
    fingerprint: n.toString(16).padStart(16, '0'),
  }));
  const message = { ...(alertmanagerWebhook(name) as object), commonLabels: labels, alerts: all };
  return sealed({ ...peer.request(name), body: message });
}

/** Turned into bytes beforehand: the sender's own work is not measured. */
function sealed(request: BenchRequest): BenchRequest {
  return { ...request, body: Buffer.from(JSON.stringify(request.body)) };
}
