/** Every route of the API. Owns their order, which is that of the document. */
import { openApiDocument } from '../openapi.ts';
import type { Route } from '../route.ts';
import { EVENT_ROUTES } from './events.ts';
import { PORT_ROUTES } from './ports.ts';
import { selfRoutes } from './self.ts';
import { STATUS_ROUTES } from './status.ts';

export const ROUTES: readonly Route[] = [
  ...STATUS_ROUTES,
  ...PORT_ROUTES,
  ...EVENT_ROUTES,
  ...selfRoutes(
    () => ROUTES,
    () => apiDocument(),
  ),
];

/** The API as an OpenAPI 3.1 document; `schemas/agent-openapi.json` is this. */
export function apiDocument(): Readonly<Record<string, unknown>> {
  return openApiDocument(ROUTES);
}
