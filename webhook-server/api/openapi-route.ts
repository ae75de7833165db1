/** `GET /openapi.json`: the API described from the very table that serves it. */
import type { Route } from '../http/route.ts';
import { openApiDocument } from './openapi/openapi-document.ts';

export function openApiRoute(table: () => readonly Route[]): Route {
  let document: object | undefined;
  return {
    method: 'GET',
    path: '/openapi.json',
    access: 'public',
    body: 'none',
    handle: () => ({ status: 200, json: (document ??= openApiDocument(table())) }),
  };
}
