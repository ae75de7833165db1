/**
 * Atlassian Statuspage's API as far as Tocsin uses it: incidents of one page, with their updates and components. It
 * counts the mails that subscribers would get, and refuses what the real one would.
 */
import { expectRequest, startFakeApi, type ApiRequest, type FakeApi, type ApiAnswer } from './fake-api.ts';

interface FakeIncident {
  readonly id: string;
  name: string;
  status: string;
  impact: string;
  metadata: object;
  components: { id: string; status: string }[];
  /** Newest first. */
  incident_updates: { body: string; status: string }[];
}

export interface FakeStatuspage extends FakeApi {
  /** Oldest first. */
  readonly incidents: FakeIncident[];
  /** Component id → status. */
  readonly components: Map<string, string>;
  /** Updates that subscribers were mailed. */
  mails(): readonly string[];
  expire(): void;
}

const STATUSES = ['investigating', 'identified', 'monitoring', 'resolved'];
const IMPACTS = ['none', 'minor', 'major', 'critical'];
const STATES = ['operational', 'degraded_performance', 'partial_outage', 'major_outage'];

interface Sent {
  name?: string;
  status: string;
  impact_override: string;
  body: string;
  metadata: object;
  component_ids?: string[];
  components?: Record<string, string>;
}

export async function startFakeStatuspage({ pageId, key }: { pageId: string; key: string }): Promise<FakeStatuspage> {
  const incidents: FakeIncident[] = [];
  const components = new Map<string, string>();
  const mails: string[] = [];
  let valid = true;
  let made = 0;

  const take = (incident: FakeIncident, sent: Sent): ApiAnswer => {
    if (Object.keys(sent.components ?? {}).some((id) => !components.has(id)))
      return { status: 422, json: { error: [] } };
    Object.assign(incident, { status: sent.status, impact: sent.impact_override, metadata: sent.metadata });
    incident.incident_updates.unshift({ body: sent.body, status: sent.status });
    for (const [id, status] of Object.entries(sent.components ?? {})) {
      components.set(id, status);
      incident.components = [...incident.components.filter((one) => one.id !== id), { id, status }];
    }
    if (!incidents.includes(incident)) incidents.push(incident);
    mails.push(sent.body);
    return { status: incident.incident_updates.length > 1 ? 200 : 201, json: incident };
  };

  const api = await startFakeApi(({ method, path, query, headers, body }: ApiRequest): ApiAnswer | null => {
    if (!valid || headers.authorization !== `OAuth ${key}`) return { status: 401, json: { error: 'unauthorized' } };
    const [base, page, under, id] = path.split('/').slice(1);
    expectRequest(base === 'pages' && under === 'incidents', 'not an address of incidents');
    if (page !== pageId) return { status: 404 };
    const newest = incidents.toReversed();
    if (method === 'GET' && id === undefined) return { status: 200, json: newest.slice(0, Number(query.get('limit'))) };
    if (method === 'GET' && id === 'unresolved')
      return { status: 200, json: newest.filter(({ status }) => status !== 'resolved') };
    if (method === 'POST' && id === undefined) {
      const sent = checked(body);
      expectRequest(typeof sent.name === 'string' && sent.name.length <= 255, 'name');
      made += 1;
      const shell = { id: `inc-${made}`, name: sent.name, status: '', impact: '', metadata: {} };
      return take({ ...shell, components: [], incident_updates: [] }, sent);
    }
    const incident = incidents.find((one) => one.id === id);
    if (!incident) return { status: 404, json: { error: 'not found' } };
    if (method === 'GET') return { status: 200, json: incident };
    return method === 'PATCH' ? take(incident, checked(body)) : null;
  });
  return Object.assign(api, { incidents, components, mails: () => mails, expire: () => void (valid = false) });
}

function checked(body: unknown): Sent {
  const { incident, ...rest } = body as { incident: Sent };
  expectRequest(Object.keys(rest).length === 0, 'members beside incident');
  expectRequest(STATUSES.includes(incident.status), `status ${incident.status}`);
  expectRequest(IMPACTS.includes(incident.impact_override), `impact ${incident.impact_override}`);
  expectRequest(incident.body.length > 0 && incident.body.length <= 25_000, 'body');
  expectRequest(
    Object.values(incident.metadata).every((app) => typeof app === 'object'),
    'metadata: objects of objects',
  );
  expectRequest(
    Object.values(incident.components ?? {}).every((state) => STATES.includes(state)),
    'component state',
  );
  return incident;
}
