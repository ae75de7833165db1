/** Writes responses and errors: the one place that turns a thrown error into a response. */
import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import { RecordsDown } from '../../records/open-records.ts';
import { problemPage } from '../console/plain-pages.tsx';
import type { AppDeps } from '../dependencies.ts';
import { CommandRefused } from '../incidents/send-command.ts';
import { IncidentsUnavailable, UnknownIncident } from '../incidents/incident-queries.ts';
import { NotDurable } from '../delivery/durable-delivery.ts';
import { HttpProblem, problemBody } from './problem.ts';
import type { RouteResponse } from './route.ts';
import { kebab } from '../../domain/kernel/text.ts';

export function sendAnswer(res: Response, { status, json, html, text, headers }: RouteResponse): void {
  res.status(status);
  if (headers) res.set(headers);
  if (html !== undefined) res.type('html').send(html);
  else if (text !== undefined) res.set('Content-Type', text.type).send(text.body);
  else res.json(json);
}

export function sendProblem(res: Response, problem: HttpProblem): void {
  if (res.headersSent) return;
  if (problem.extras.headers) res.set(problem.extras.headers);
  const body = JSON.stringify(problemBody(problem));
  res.status(problem.status).set('Content-Type', 'application/problem+json').send(Buffer.from(body));
}

/** The same for a person. */
export function sendProblemPage(res: Response, { status, message, extras }: HttpProblem): void {
  if (res.headersSent) return;
  sendAnswer(res, {
    status,
    html: problemPage(status, message),
    headers: { 'Cache-Control': 'no-store', ...extras.headers },
  });
}

/** Browsers list `text/html` in `Accept`; programs do not. */
export const wantsHtml = ({ headers }: IncomingMessage): boolean => headers.accept?.includes('text/html') === true;

/** A program says so; whoever says nothing may be a person. */
export const wantsJson = (req: IncomingMessage): boolean =>
  req.headers.accept?.includes('json') === true && !wantsHtml(req);

/** The response for an error. An unexpected one is logged here and answered without its message. */
export function toProblem(error: unknown, log: AppDeps['log']): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof NotDurable) {
    const headers = { 'Retry-After': '5' };
    return new HttpProblem(503, 'not durable: send it again', { headers, reason: 'not_durable' });
  }
  if (error instanceof IncidentsUnavailable) {
    return new HttpProblem(503, error.message, { headers: { 'Retry-After': '5' }, reason: 'unavailable' });
  }
  if (error instanceof RecordsDown) {
    const headers = { 'Retry-After': '5' };
    return new HttpProblem(503, 'the records cannot be reached', { headers, reason: 'records' });
  }
  if (error instanceof UnknownIncident) return new HttpProblem(404, 'no such incident');
  if (error instanceof CommandRefused) {
    const { reason, phase, allowed } = error.refusal;
    const problems = [{ at: '', message: reason }];
    return new HttpProblem(409, reason, { problems, members: { reason, phase, allowed: allowed.map(kebab) } });
  }
  // Express's own error, for a path such as `/ack/%zz`.
  if (error instanceof URIError) return new HttpProblem(400, 'the path cannot be read', { reason: 'path' });
  log.error({ err: error }, 'a request failed in a way nobody foresaw');
  return new HttpProblem(503, 'something went wrong here: send it again', {
    headers: { 'Retry-After': '5' },
    reason: 'bug',
  });
}
