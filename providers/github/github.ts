/**
 * Tickets as GitHub issues: one for each incident, whose title and text follow it, and a comment for each entry. Markers
 * in HTML comments, which readers do not see, record what has been written, so that a retry writes nothing twice.
 */
import { z } from 'zod';
import { baseUrl, strict, text, token } from '../../runtime/setting-schemas.ts';
import type { IncidentContext, TicketEntry, Tickets } from '../../activities/ports.ts';
import { DeliveryError } from '../../runtime/failures.ts';
import { type Answer, jsonOf, type Request, retryAfterOf, sendRequest, type Fields, listOf } from '../shared/http.ts';
import type { Vendor } from '../vendor.ts';
import { commentBody, entryMarker, issueBody, issueRetitled, issueTitle } from './issue-text.ts';

const REF = 'github.issue';
const A_PAGE = 30;
const PAGES = 5;
/** Bytes of a page of issues whose texts are as long as GitHub takes. */
const LIST_LIMIT = 8 * 1024 * 1024;
/** GitHub's clock and ours may differ. */
const CLOCKS_DIFFER_MS = 3_600_000;

/** A vendor's name for a repository; `.` and `..` would lead elsewhere in an address. */
const repository = text(150).regex(
  /^[A-Za-z0-9][A-Za-z0-9-]*\/(?!\.{1,2}$)[\w.-]+$/,
  'expected owner/name, e.g. example/incidents, without the host',
);

const labels = z.array(text(50), { error: 'expected a list of labels, e.g. [incident]' }).max(50, 'at most 50');

const schema = strict({
  repository,
  token,
  /** Of an installation of one's own: `https://host/api/v3`. */
  apiUrl: baseUrl.default('https://api.github.com'),
  labels: labels.default([]),
});

type GithubSettings = z.output<typeof schema>;

export const github = {
  settings: {
    at: 'tickets.github' as const,
    schema,
    example: 'tickets: { github: { repository: example/incidents, token: "${GITHUB_TOKEN}" } }',
  },
  connect: (settings) => ({ tickets: () => githubTickets(settings) }),
} satisfies Vendor<GithubSettings>;

/** Refs: `github.issue`, the issue's number; `ticket`, its address. Throws `DeliveryError`. */
export function githubTickets(setting: GithubSettings): Tickets {
  return {
    write: async (entry, context, signal) => {
      const writing = { entry, context, labels: setting.labels, api: githubApi(setting, signal) };
      const issue = (await knownIssue(writing)) ?? (await newIssue(writing));
      if (!has(issue, entryMarker(entry.key))) await comment(writing, issue.number);
      await update(writing, issue);
    },
  };
}

interface Writing {
  readonly entry: TicketEntry;
  readonly context: IncidentContext;
  readonly labels: readonly string[];
  readonly api: GithubApi;
}

interface Issue {
  readonly number: string;
  readonly title: string;
  /** With the marks of its entries: one that it has needs no comment. */
  readonly body: string;
}

/** The incident's issue, if any: its number is known, or a call whose response was lost has opened it. */
async function knownIssue({ entry, context, api }: Writing): Promise<Issue | null> {
  const known = context.refs()[REF];
  if (known === undefined && !entry.mayBeRepeat) return null;
  const issue =
    known === undefined
      ? // Not by label: without the permission to label, GitHub silently drops labels.
        await search(api, `?state=all&sort=created&direction=desc&${since(entry)}`, entryMarker(context.incident.id))
      : jsonOf(VENDOR, await api('GET', `/${known}`));
  return issue === null ? null : keepIssue(context, issue);
}

async function newIssue({ entry, context, labels, api }: Writing): Promise<Issue> {
  const issue = { title: issueTitle(context), body: issueBody(entry, context, null), labels };
  return { ...keepIssue(context, jsonOf(VENDOR, await api('POST', '', issue))), ...issue };
}

function keepIssue(context: IncidentContext, { number, html_url: url, title, body }: Fields): Issue {
  if (typeof number !== 'number') throw new DeliveryError(VENDOR, { code: 'malformed answer' });
  context.keepRefs({ [REF]: String(number), ...(typeof url === 'string' ? { ticket: url } : {}) });
  const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { number: String(number), title: textOf(title), body: textOf(body) };
}

/** Title, text and state as the incident is now; what people have changed outside our part stays. */
async function update({ entry, context, api }: Writing, issue: Issue): Promise<void> {
  const title = issueRetitled(issue.title, context) ?? issue.title;
  const body = issueBody(entry, context, issue.body);
  const changes = {
    ...(title === issue.title ? {} : { title }),
    ...(body === issue.body ? {} : { body }),
    ...STATES[entry.action],
  };
  if (Object.keys(changes).length > 0) await api('PATCH', `/${issue.number}`, changes);
}

const STATES: Readonly<Record<TicketEntry['action'], object>> = {
  open: {},
  comment: {},
  close: { state: 'closed', state_reason: 'completed' },
  reopen: { state: 'open' },
};

async function comment({ entry, context, api }: Writing, issue: string): Promise<void> {
  const comments = `/${issue}/comments`;
  if (entry.mayBeRepeat && (await search(api, `${comments}?${since(entry)}`, entryMarker(entry.key)))) return;
  await api('POST', comments, { body: commentBody(entry, context) });
}

/** The first with `wanted` in its body, on the first pages of a list; null when there is none. */
async function search(api: GithubApi, list: string, wanted: string): Promise<Fields | null> {
  for (let page = 1; page <= PAGES; page += 1) {
    const items = listOf(VENDOR, await api('GET', `${list}&per_page=${A_PAGE}&page=${page}`));
    const found = items.find((item) => has(item, wanted));
    if (found) return found;
    if (items.length < A_PAGE) break;
  }
  return null;
}

const has = ({ body }: Fields | Issue, wanted: string): boolean => typeof body === 'string' && body.includes(wanted);

const since = ({ at }: TicketEntry): string => `since=${new Date(at - CLOCKS_DIFFER_MS).toISOString()}`;

const VENDOR = 'github';
/** How long to wait when GitHub rate-limits us without a time. */
const PAUSE_MS = 60_000;

/** A call to an address below the repository's issues. Throws `DeliveryError` for any answer but 2xx. */
type GithubApi = (method: Request['method'], path: string, body?: object) => Promise<Answer>;

function githubApi({ repository, token, apiUrl }: GithubSettings, signal: AbortSignal): GithubApi {
  const path = repository.split('/').map(encodeURIComponent).join('/');
  const base = `${apiUrl.replace(/\/+$/, '')}/repos/${path}/issues`;
  const headers = {
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
    authorization: `Bearer ${token}`,
  };
  return async (method, rest, body) => {
    const request = {
      ...{ method, url: base + rest, headers },
      ...(body === undefined ? {} : { body }),
      ...(rest.includes('per_page=') ? { answerLimit: LIST_LIMIT } : {}),
    };
    const answer = await sendRequest(VENDOR, request, signal);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const retryAfterMs = waitOf(answer);
    if (!isTooFast(answer, retryAfterMs)) throw new DeliveryError(VENDOR, { status: answer.status, retryAfterMs });
    throw new DeliveryError(VENDOR, { status: 403, kind: 'retryable', retryAfterMs: retryAfterMs ?? PAUSE_MS });
  };
}

/** The forms of GitHub's 403 for a rate limit: a time to wait, no calls left in the hour, or a message. */
function isTooFast({ status, headers, text }: Answer, asked: number | null): boolean {
  if (status !== 403) return false;
  return asked !== null || headers['x-ratelimit-remaining'] === '0' || /secondary rate limit/i.test(text);
}

/** The requested wait, ms; null when there is none. */
function waitOf(answer: Answer): number | null {
  const asked = retryAfterOf(answer);
  const { 'x-ratelimit-remaining': left, 'x-ratelimit-reset': resetsAt } = answer.headers;
  if (asked !== null || left !== '0') return asked;
  const ms = Number(resetsAt) * 1000 - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
