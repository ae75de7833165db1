/** A configuration whose escalation takes seconds, so that whole-system tests see levels pass. */
export const SYSTEM_TEST_SECRETS = {
  TOCSIN_SECRET: 'test-secret-0123456789',
  TOCSIN_ADMIN_TOKEN: 'test-admin-token',
  AM_TOKEN: 'am-token',
};

/** Nobody answers there: pages and commands need no records. */
export const NO_DATABASE = 'postgres://tocsin@127.0.0.1:1/tocsin';

interface SystemTest {
  readonly sink: string;
  readonly publicUrl: string;
  /** What follows `sources:`, instead of an Alertmanager with nothing but its token. */
  readonly sources?: string;
}

const ALERTMANAGER = `
  alertmanager: { token: "\${AM_TOKEN}" }`;

export function systemTestYaml({ sink, publicUrl, sources = ALERTMANAGER }: SystemTest): string {
  return `
organization: Test House
publicUrl: ${publicUrl}
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "${sink}/ana" }] }
  bo: { name: Bo Lind, contact: [{ webhook: "${sink}/bo" }] }
  eve: { name: Eve Hahn, contact: [{ webhook: "${sink}/eve" }] }
teams:
  platform:
    onCall: ana
    escalation: [onCall, bo, eve]
    leadership: [eve]
sources:${sources}
routes:
  - team: platform
severities:
  SEV2:
    acknowledgeWithin: 6s
    escalateEvery: 10s
    notificationRules: { stepEvery: 2s, repeatEvery: 4s }
`;
}

export function alertmanagerBody(name: string, over: Readonly<Record<string, unknown>> = {}) {
  const labels = { alertname: name, severity: 'high', service: 'payments' };
  return {
    version: '4',
    groupKey: `{}:{alertname="${name}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tocsin',
    groupLabels: { alertname: name },
    commonLabels: labels,
    commonAnnotations: { summary: name },
    externalURL: 'http://127.0.0.1:9093',
    alerts: [
      {
        status: 'firing',
        labels,
        annotations: { summary: name },
        startsAt: '2026-01-01T00:00:00Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://127.0.0.1/graph',
        fingerprint: Buffer.from(name).toString('hex').slice(0, 16),
        ...over,
      },
    ],
  };
}
