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
  incident_updates: { id: string; body: string; status: string; display_at: string | null }[];
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
    const id = `update-${mails.length + 1}`;
    incident.incident_updates.unshift({ id, body: sent.body, status: sent.status, display_at: null });
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
    const [base, page, under, id, below, updateId] = path.split('/').slice(1);
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
    if (below === 'incident_updates') {
      const update = incident.incident_updates.find((one) => one.id === updateId);
      if (update === undefined || method !== 'PATCH') return { status: 404, json: { error: 'not found' } };
      return { status: 200, json: Object.assign(update, checkedRenewal(body)) };
    }
    if (method === 'GET') return { status: 200, json: incident };
    return method === 'PATCH' ? take(incident, checked(body)) : null;
  });
  return Object.assign(api, { incidents, components, mails: () => mails, expire: () => void (valid = false) });
}

/** Whoever renews an update must not mail its subscribers again. */
function checkedRenewal(body: unknown): { readonly body: string; readonly display_at: string } {
  const { incident_update: sent } = body as {
    incident_update: { body: string; display_at: string; deliver_notifications?: boolean };
  };
  expectRequest(sent.deliver_notifications === false, 'deliver_notifications');
  expectRequest(sent.body.length > 0 && sent.body.length <= 25_000, 'body');
  expectRequest(!Number.isNaN(Date.parse(sent.display_at)), 'display_at');
  return { body: sent.body, display_at: sent.display_at };
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
