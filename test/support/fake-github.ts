/** GitHub's REST API as far as Tocsin uses it: issues of one repository and their comments. */
import { expectRequest, startFakeApi, type ApiRequest, type FakeApi, type ApiAnswer } from './fake-api.ts';

interface FakeComment {
  readonly id: number;
  readonly body: string;
  readonly updated_at: string;
}

interface FakeIssue {
  readonly number: number;
  readonly html_url: string;
  title: string;
  body: string;
  readonly labels: readonly string[];
  state: string;
  state_reason: string | null;
  updated_at: string;
  readonly comments: FakeComment[];
}

export interface FakeGithub extends FakeApi {
  readonly issues: FakeIssue[];
  expire(): void;
}

export async function startFakeGithub({
  repository,
  token,
}: {
  repository: string;
  token: string;
}): Promise<FakeGithub> {
  const issues: FakeIssue[] = [];
  let valid = true;
  let ids = 0;

  const create = (body: unknown): ApiAnswer => {
    const { title, body: text, labels, ...rest } = body as Record<string, unknown>;
    expectRequest(typeof title === 'string' && title.length <= 256, 'title');
    expectRequest(isBody(text), 'body');
    expectRequest(Array.isArray(labels) && Object.keys(rest).length === 0, 'fields');
    const number = issues.length + 1;
    const html_url = `https://github.example/${repository}/issues/${number}`;
    const made = { number, html_url, title, body: text, labels: labels as string[], state: 'open', state_reason: null };
    issues.push({ ...made, updated_at: new Date().toISOString(), comments: [] });
    return { status: 201, json: shown(issues.at(-1)) };
  };
  const change = (issue: FakeIssue, body: unknown): ApiAnswer => {
    const { state, state_reason: reason = null, title, body: text, ...rest } = body as Record<string, unknown>;
    expectRequest(state === undefined || state === 'open' || state === 'closed', 'state');
    expectRequest(title === undefined || (typeof title === 'string' && title.length <= 256), 'title');
    expectRequest(text === undefined || isBody(text), 'body');
    expectRequest(Object.keys(rest).length === 0 && Object.keys(body as object).length > 0, 'fields');
    if (state !== undefined) Object.assign(issue, { state, state_reason: reason });
    if (title !== undefined) Object.assign(issue, { title });
    if (text !== undefined) Object.assign(issue, { body: text });
    return { status: 200, json: shown(issue) };
  };
  const addComment = (issue: FakeIssue, { body }: { body?: unknown }): ApiAnswer => {
    expectRequest(isBody(body), 'comment');
    issue.comments.push({ id: (ids += 1), body, updated_at: new Date().toISOString() });
    return { status: 201, json: issue.comments.at(-1) };
  };

  const api = await startFakeApi(({ method, path, query, headers, body }: ApiRequest): ApiAnswer | null => {
    if (!valid || headers.authorization !== `Bearer ${token}`)
      return { status: 401, json: { message: 'Bad credentials' } };
    expectRequest(headers.accept === 'application/vnd.github+json', 'Accept');
    expectRequest(headers['x-github-api-version'] === '2022-11-28', 'X-GitHub-Api-Version');
    expectRequest(path.startsWith(`/repos/${repository}/issues`), 'repository');
    const [number, comments, ...rest] = path.split('/').slice(5);
    expectRequest(rest.length === 0 && (comments === undefined || comments === 'comments'), 'path');
    if (number === undefined && method === 'GET') {
      expectRequest(
        query.get('state') === 'all' && query.get('sort') === 'created' && query.get('direction') === 'desc',
        'order',
      );
      return { status: 200, json: pageOf(issues.toReversed(), query).map((one) => shown(one as FakeIssue)) };
    }
    if (number === undefined) return method === 'POST' ? create(body) : null;
    const issue = issues[Number(number) - 1];
    if (!issue) return { status: 404, json: { message: 'Not Found' } };
    if (comments && method === 'GET') return { status: 200, json: pageOf(issue.comments, query) };
    if (comments) return method === 'POST' ? addComment(issue, body as object) : null;
    if (method === 'GET') return { status: 200, json: shown(issue) };
    return method === 'PATCH' ? change(issue, body) : null;
  });
  return Object.assign(api, { issues, expire: () => void (valid = false) });
}

/** GitHub shows how many comments an issue has, and none of them. */
const shown = (issue: FakeIssue | undefined): object => ({ ...issue, comments: issue?.comments.length });

const isBody = (text: unknown): text is string => typeof text === 'string' && text.length > 0 && text.length <= 65_536;

function pageOf(items: readonly { readonly updated_at: string }[], query: URLSearchParams): readonly object[] {
  const since = Date.parse(query.get('since') ?? '1970-01-01');
  const size = Number(query.get('per_page') ?? 30);
  const from = (Number(query.get('page') ?? 1) - 1) * size;
  expectRequest(size <= 100 && Number.isInteger(from), 'paging');
  return items.filter(({ updated_at: at }) => Date.parse(at) >= since).slice(from, from + size);
}
