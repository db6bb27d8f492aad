/** What the API says of itself. Owns these routes. */
import type { Answer, Route } from '../route.ts';

/** Made from the table that they are part of, which is given here to be looked at later. */
export function selfRoutes(all: () => readonly Route[], document: () => object): readonly Route[] {
  const links = (): Answer => ({
    status: 200,
    body: {
      openapi: '/openapi.json',
      routes: all().map(({ method, path, right, summary }) => ({ method, path, right, summary })),
    },
  });
  return [
    {
      method: 'GET',
      path: '/v1',
      name: 'links',
      right: 'read',
      summary: 'What can be asked',
      answers: 'Links',
      errors: [],
      handle: async () => links(),
    },
    {
      method: 'GET',
      path: '/openapi.json',
      name: 'openapi',
      right: 'read',
      summary: 'This document',
      answers: 'Document',
      errors: [],
      handle: async () => ({ status: 200, body: document() }),
    },
  ];
}
