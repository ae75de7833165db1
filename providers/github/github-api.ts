/** GitHub's REST API for the issues of one repository. https://docs.github.com/en/rest/issues */
import { DeliveryError } from '../../runtime/failures.ts';
import { sendRequest, retryAfterOf, type Answer, type Request } from '../shared/http.ts';

export const VENDOR = 'github';
/** What GitHub asks to wait when it says that we are too fast, but not how long to wait. */
const PAUSE_MS = 60_000;

export interface GithubRepository {
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
  /** `https://api.github.com`, or `https://host/api/v3`. */
  readonly apiUrl: string;
}

/** A call to an address below the repository's issues. Throws `DeliveryError` for any answer but 2xx. */
export type GithubApi = (method: Request['method'], path: string, body?: object) => Promise<Answer>;

export function githubApi({ repository, token, apiUrl }: GithubRepository, signal: AbortSignal): GithubApi {
  const path = repository.split('/').map(encodeURIComponent).join('/');
  const base = `${apiUrl.replace(/\/+$/, '')}/repos/${path}/issues`;
  const headers = {
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
    authorization: `Bearer ${token}`,
  };
  return async (method, rest, body) => {
    const request = { method, url: base + rest, headers, ...(body === undefined ? {} : { body }) };
    const answer = await sendRequest(VENDOR, request, signal);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const retryAfterMs = waitOf(answer);
    if (!isTooFast(answer, retryAfterMs)) throw new DeliveryError(VENDOR, { status: answer.status, retryAfterMs });
    throw new DeliveryError(VENDOR, { status: 403, kind: 'retryable', retryAfterMs: retryAfterMs ?? PAUSE_MS });
  };
}

/** How GitHub says 403 for "too fast": a time to wait, nothing left of the hour, or in words. */
function isTooFast({ status, headers, text }: Answer, asked: number | null): boolean {
  if (status !== 403) return false;
  return asked !== null || headers['x-ratelimit-remaining'] === '0' || /secondary rate limit/i.test(text);
}

/** How long it asks to wait, ms; null when it does not say. */
function waitOf(answer: Answer): number | null {
  const asked = retryAfterOf(answer);
  const { 'x-ratelimit-remaining': left, 'x-ratelimit-reset': resetsAt } = answer.headers;
  if (asked !== null || left !== '0') return asked;
  const ms = Number(resetsAt) * 1000 - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
