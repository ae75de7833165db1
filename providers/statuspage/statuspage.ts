/**
 * Atlassian Statuspage: one of its incidents for each of ours, one update an entry. Every update may mail every
 * subscriber, so an entry that may have been posted before is looked up first. https://developer.statuspage.io
 */
import type { z } from 'zod';
import { baseUrl, mapOf, strict, text, token, vendorId } from '../../runtime/setting-schemas.ts';
import { formatClockTime } from '../../schedules/format-time.ts';
import { DeliveryError } from '../../runtime/failures.ts';
import type { PublicEntry, PublicContext, StatusPage } from '../../activities/ports.ts';
import { componentStateOf, publicTitle } from '../../domain/communications/public-state.ts';
import { truncate } from '../../domain/kernel/text.ts';
import { sendRequest, jsonOf, retryAfterOf, type Request, fieldsOf, listOf, type Fields } from '../shared/http.ts';
import type { Vendor } from '../vendor.ts';

const VENDOR = 'statuspage';
const REF = 'statuspage.incident';
const NAME_LIMIT = 255;
const BODY_LIMIT = 25_000;
/** Incidents fetched in a lookup: the response must stay below the limit of http.ts. */
const LOOK_AT = 25;

/** Our component's name → the page's component id. */
const components = mapOf(
  text(100),
  vendorId('the id of the component'),
  'ids by component, e.g. Checkout: kctbh9vrtdwd',
);

const schema = strict({
  pageId: vendorId('the id of the page'),
  apiKey: token,
  apiUrl: baseUrl.default('https://api.statuspage.io'),
  components: components.prefault({}),
});

export const statuspage = {
  settings: {
    at: 'statusPage.statuspage' as const,
    schema,
    example: 'statusPage: { statuspage: { pageId: …, apiKey: "${STATUSPAGE_KEY}" } }',
  },
  connect: (settings) => ({
    statusPage: ({ timeZone }) => atlassianStatuspage({ ...settings, timeZone }),
  }),
} satisfies Vendor<z.output<typeof schema>>;

interface AtlassianStatuspage extends z.output<typeof schema> {
  /** IANA zone in which the next update is announced. */
  readonly timeZone: string;
}

/** A call to an address below the page's incidents. */
type Api = (method: Request['method'], path: string, body?: object) => Promise<Answered>;
type Answered = Awaited<ReturnType<typeof sendRequest>>;

/** Public entries on a page at Statuspage. Throws `DeliveryError`. */
export function atlassianStatuspage(setting: AtlassianStatuspage): StatusPage {
  return {
    publish: async (entry, context, signal) => {
      if (context.projection.restricted || context.projection.test)
        throw new DeliveryError(VENDOR, { code: 'not public', kind: 'rejected' });
      await publish({ entry, context, setting, api: apiOf(setting, signal) });
    },
  };
}

interface Publishing {
  readonly entry: PublicEntry;
  readonly context: PublicContext;
  readonly setting: AtlassianStatuspage;
  readonly api: Api;
}

async function publish(publishing: Publishing): Promise<void> {
  const { entry, context, api } = publishing;
  const known = context.refs()[REF];
  if (entry.renews && known !== undefined && (await renew(publishing, known))) return;
  let incident = known === undefined ? null : { id: known, fields: entry.mayBeRepeat ? await read(api, known) : {} };
  // The id is gone or unknown: a call whose response was lost may have created the incident.
  if (entry.mayBeRepeat && !incident?.fields) incident = await find(api, entry.incidentId);
  if (incident?.fields) {
    if (incident.id !== known) context.keepRefs({ [REF]: incident.id });
    if (entry.mayBeRepeat && isWritten(incident.fields, publishing)) return;
    if (await update(publishing, incident.id)) return;
  }
  context.keepRefs({ [REF]: await create(publishing) });
}

/**
 * Gives the newest update that begins like the entry its time and its promise, and mails nobody. False when none does:
 * people may have edited the page.
 */
async function renew({ entry, setting, api }: Publishing, id: string): Promise<boolean> {
  const incident = await read(api, id);
  const [opening = ''] = entry.text.split('\n');
  const update = updatesOf(incident ?? {}).find(({ body }) => typeof body === 'string' && body.startsWith(opening));
  if (typeof update?.id !== 'string') return false;
  const path = `/${encodeURIComponent(id)}/incident_updates/${encodeURIComponent(update.id)}`;
  const renewed = {
    body: bodyOf(entry, setting),
    display_at: new Date(entry.at).toISOString(),
    deliver_notifications: false,
  };
  const answer = await api('PATCH', path, { incident_update: renewed });
  if (answer.status === 404) return false;
  insist(answer);
  return true;
}

/** The incident; null when it has been deleted. */
async function read(api: Api, id: string): Promise<Fields | null> {
  const answer = await api('GET', `/${encodeURIComponent(id)}`);
  return answer.status === 404 ? null : jsonOf(VENDOR, insist(answer));
}

/** Statuspage's incident for ours, open or not; null when there is none among the newest. */
async function find(api: Api, incidentId: string): Promise<{ readonly id: string; readonly fields: Fields } | null> {
  for (const path of [`/unresolved?page=1&per_page=${LOOK_AT}`, `?limit=${LOOK_AT}&page=1`]) {
    const found = listOf(VENDOR, insist(await api('GET', path))).find((one) => markOf(one).incidentId === incidentId);
    if (typeof found?.id === 'string') return { id: found.id, fields: found };
  }
  return null;
}

const markOf = ({ metadata }: Fields): Fields => fieldsOf(fieldsOf(metadata).tocsin);

/** Entries are posted in sequence: the incident has every one up to the number in its marker. */
function isWritten(incident: Fields, { entry, setting }: Publishing): boolean {
  const { n } = markOf(incident);
  if (n !== undefined) return Number(n) >= entry.n;
  return updatesOf(incident).some(({ body }) => body === bodyOf(entry, setting));
}

/** The newest first. */
const updatesOf = (incident: Fields): readonly Fields[] =>
  Array.isArray(incident.incident_updates) ? incident.incident_updates.map(fieldsOf) : [];

async function create(publishing: Publishing): Promise<string> {
  const name = truncate(publicTitle(publishing.entry.component), NAME_LIMIT);
  const { id } = jsonOf(VENDOR, await write(publishing, ['POST', '', { name }]));
  if (typeof id !== 'string') throw new DeliveryError(VENDOR, { code: 'malformed answer' });
  return id;
}

/** False when the incident is no longer there. */
async function update(publishing: Publishing, id: string): Promise<boolean> {
  const answer = await write(publishing, ['PATCH', `/${encodeURIComponent(id)}`, {}]);
  return answer.status !== 404;
}

/** Throws for any answer but 2xx, and 404 to a PATCH. */
async function write(
  publishing: Publishing,
  [method, path, more]: ['POST' | 'PATCH', string, object],
): Promise<Answered> {
  const { entry, setting, api } = publishing;
  const incident = {
    ...more,
    status: entry.state.toLowerCase(),
    impact_override: entry.impact,
    body: bodyOf(entry, setting),
    metadata: { tocsin: { incidentId: entry.incidentId, key: entry.key, n: entry.n } },
  };
  const components = await componentsOf(publishing);
  const answer = await api(method, path, { incident: { ...incident, ...components } });
  // A component deleted from the page must not block the text.
  const unfit = [400, 422].includes(answer.status) && components !== null;
  const taken = unfit ? await api(method, path, { incident }) : answer;
  return taken.status === 404 && method === 'PATCH' ? taken : insist(taken);
}

function bodyOf({ text, state, nextUpdateAt }: PublicEntry, { timeZone }: AtlassianStatuspage): string {
  if (nextUpdateAt === null || state === 'Resolved') return truncate(text, BODY_LIMIT);
  const next = `\n\nNext update by ${formatClockTime(nextUpdateAt, timeZone)}.`;
  return truncate(text, BODY_LIMIT - next.length) + next;
}

/** Statuspage does not reset a component when an incident resolves, so its state is always sent. */
async function componentsOf({ entry, setting, api, context }: Publishing): Promise<object | null> {
  const id = entry.component === null ? undefined : setting.components.get(entry.component);
  if (id === undefined) return null;
  const better = entry.state === 'Resolved' || entry.state === 'Monitoring';
  if (better && (await isBrokenElsewhere(api, { id, but: context.refs()[REF] }))) return null;
  return { component_ids: [id], components: { [id]: componentStateOf(entry.state, entry.impact) } };
}

/** Another open incident names the component, so we must not mark it operational. */
async function isBrokenElsewhere(api: Api, { id, but }: { id: string; but: string | undefined }): Promise<boolean> {
  const open = listOf(VENDOR, insist(await api('GET', `/unresolved?page=1&per_page=${LOOK_AT}`)));
  return open.some(({ id: incident, components }) => {
    const named = Array.isArray(components) ? components.map((one) => fieldsOf(one).id) : [];
    return incident !== but && named.includes(id);
  });
}

function apiOf({ apiUrl, pageId, apiKey }: AtlassianStatuspage, signal: AbortSignal): Api {
  const base = `${apiUrl.replace(/\/+$/, '')}/pages/${encodeURIComponent(pageId)}/incidents`;
  const headers = { authorization: `OAuth ${apiKey}` };
  return (method, path, body) =>
    sendRequest(VENDOR, { method, url: base + path, headers, ...(body === undefined ? {} : { body }) }, signal);
}

function insist(answer: Answered): Answered {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new DeliveryError(VENDOR, { status: answer.status, retryAfterMs: retryAfterOf(answer) });
}
