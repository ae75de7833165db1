/**
 * Tickets as GitHub issues: one for each incident, a comment for each entry. Marks in HTML comments, which readers do
 * not see, say what has been written, so that a repeat writes nothing twice.
 */
import { DeliveryError } from '../../runtime/failures.ts';
import type { IncidentContext, TicketEntry, Tickets } from '../../activities/ports.ts';
import { jsonOf } from '../shared/http.ts';
import { listOf, type Fields } from '../shared/json-list.ts';
import { githubApi, VENDOR, type GithubApi, type GithubRepository } from './github-api.ts';
import { commentBody, issueBody, issueTitle, entryMarker } from './issue-text.ts';

const REF = 'github.issue';
const A_PAGE = 30;
const PAGES = 5;
/** GitHub's clock and ours may differ. */
const CLOCKS_DIFFER_MS = 3_600_000;

interface GithubTickets extends GithubRepository {
  readonly labels: readonly string[];
}

/** Refs: `github.issue`, the issue's number; `ticket`, its address. Throws `DeliveryError`. */
export function githubTickets(setting: GithubTickets): Tickets {
  return {
    write: async (entry, context, signal) => {
      const writing = { entry, context, labels: setting.labels, api: githubApi(setting, signal) };
      const { number, isCommented } = (await knownIssue(writing)) ?? (await newIssue(writing));
      if (!isCommented) await comment(writing, number);
      if (entry.action === 'comment' || entry.action === 'open') return;
      const closed = { state: 'closed', state_reason: 'completed' };
      await writing.api('PATCH', `/${number}`, entry.action === 'close' ? closed : { state: 'open' });
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
  /** It was opened with this very entry, which therefore needs no comment. */
  readonly isCommented: boolean;
}

/** The incident's issue when there is one: its number is kept, or a call whose answer was lost has opened it. */
async function knownIssue({ entry, context, api }: Writing): Promise<Issue | null> {
  const known = context.refs()[REF];
  if (!entry.mayBeRepeat) return known === undefined ? null : { number: known, isCommented: false };
  const issue =
    known === undefined
      ? // Not by label: without the right to label, GitHub leaves labels away and says nothing.
        await search(api, `?state=all&sort=created&direction=desc&${since(entry)}`, entryMarker(context.incident.id))
      : jsonOf(VENDOR, await api('GET', `/${known}`));
  return issue === null ? null : { number: keepIssue(context, issue), isCommented: has(issue, entryMarker(entry.key)) };
}

async function newIssue({ entry, context, labels, api }: Writing): Promise<Issue> {
  const issue = { title: issueTitle(context), body: issueBody(entry, context), labels };
  return { number: keepIssue(context, jsonOf(VENDOR, await api('POST', '', issue))), isCommented: true };
}

function keepIssue(context: IncidentContext, { number, html_url: url }: Fields): string {
  if (typeof number !== 'number') throw new DeliveryError(VENDOR, { code: 'malformed answer' });
  context.keepRefs({ [REF]: String(number), ...(typeof url === 'string' ? { ticket: url } : {}) });
  return String(number);
}

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

const has = ({ body }: Fields, wanted: string): boolean => typeof body === 'string' && body.includes(wanted);

const since = ({ at }: TicketEntry): string => `since=${new Date(at - CLOCKS_DIFFER_MS).toISOString()}`;
