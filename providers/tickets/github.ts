/**
 * Tickets as GitHub issues: one for each incident, a comment for each entry. Marks in HTML comments, which readers do
 * not see, say what has been written, so that a repeat writes nothing twice.
 */
import { DeliveryError } from '../../activities/failures.ts';
import type { Scene, TicketEntry, Tickets } from '../../activities/ports.ts';
import { jsonOf } from '../http.ts';
import { listOf, type Fields } from '../json-list.ts';
import { githubApi, VENDOR, type GithubApi, type GithubRepository } from './github-api.ts';
import { commentBody, issueBody, issueTitle, mark } from './github-words.ts';

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
    write: async (entry, scene, signal) => {
      const writing = { entry, scene, labels: setting.labels, api: githubApi(setting, signal) };
      const { number, isTold } = (await knownIssue(writing)) ?? (await newIssue(writing));
      if (!isTold) await comment(writing, number);
      if (entry.act === 'comment' || entry.act === 'open') return;
      const closed = { state: 'closed', state_reason: 'completed' };
      await writing.api('PATCH', `/${number}`, entry.act === 'close' ? closed : { state: 'open' });
    },
  };
}

interface Writing {
  readonly entry: TicketEntry;
  readonly scene: Scene;
  readonly labels: readonly string[];
  readonly api: GithubApi;
}

interface Issue {
  readonly number: string;
  /** It was opened with this very entry, which therefore needs no comment. */
  readonly isTold: boolean;
}

/** The incident's issue when there is one: its number is kept, or a call whose answer was lost has opened it. */
async function knownIssue({ entry, scene, api }: Writing): Promise<Issue | null> {
  const known = scene.refs()[REF];
  if (!entry.again) return known === undefined ? null : { number: known, isTold: false };
  const issue =
    known === undefined
      ? // Not by label: without the right to label, GitHub leaves labels away and says nothing.
        await search(api, `?state=all&sort=created&direction=desc&${since(entry)}`, mark(scene.incident.id))
      : jsonOf(VENDOR, await api('GET', `/${known}`));
  return issue === null ? null : { number: learn(scene, issue), isTold: has(issue, mark(entry.key)) };
}

async function newIssue({ entry, scene, labels, api }: Writing): Promise<Issue> {
  const issue = { title: issueTitle(scene), body: issueBody(entry, scene), labels };
  return { number: learn(scene, jsonOf(VENDOR, await api('POST', '', issue))), isTold: true };
}

function learn(scene: Scene, { number, html_url: url }: Fields): string {
  if (typeof number !== 'number') throw new DeliveryError(VENDOR, { code: 'malformed answer' });
  scene.learn({ [REF]: String(number), ...(typeof url === 'string' ? { ticket: url } : {}) });
  return String(number);
}

async function comment({ entry, scene, api }: Writing, issue: string): Promise<void> {
  const comments = `/${issue}/comments`;
  if (entry.again && (await search(api, `${comments}?${since(entry)}`, mark(entry.key)))) return;
  await api('POST', comments, { body: commentBody(entry, scene) });
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
