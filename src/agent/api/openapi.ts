/**
 * The API as an OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.1), made from the table of routes.
 *
 * Owns the document's form. Schemas are those that bodies are checked by, and those that answers are tested by.
 */
import { z } from 'zod';
import { bindingSchemas } from '../../binding/json-schema.ts';
import type { Route } from './route.ts';
import { agentEvent, gapEvent } from './schema/events.ts';
import * as ports from './schema/ports.ts';
import { agentStatus, pfView, portView } from './schema/status.ts';

type Json = Readonly<Record<string, unknown>>;

const REF = '#/components/schemas/';
const ref = (name: string): Json => ({ $ref: `${REF}${name}` });

const link = z.object({
  method: z.string(),
  path: z.string(),
  right: z.enum(['read', 'write']),
  summary: z.string(),
});

const error = z.object({
  error: z.looseObject({
    code: z.string().describe('Stable: an errno name, or SRIOV_...'),
    message: z.string(),
    extendedAck: z.string().optional().describe("The kernel's own words"),
    problems: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('Every value of the body that is wrong'),
  }),
});

/** Answers by name; a schema within another becomes a reference to it. */
const ANSWERS: Readonly<Record<string, z.ZodType>> = {
  Status: agentStatus,
  Pf: pfView,
  Port: portView,
  Pfs: z.object({ pfs: z.array(pfView) }),
  Vfs: z.object({ pf: z.string(), netDevice: z.string().nullable(), vfs: z.array(ports.vfOfPort) }),
  Ports: z.object({ ports: z.array(portView) }),
  PortRecord: ports.portRecord,
  OnePort: ports.onePort,
  PortOutcome: ports.portOutcome,
  BindReport: ports.bindReport,
  ReleaseReport: ports.releaseReport,
  PlanReport: ports.planReport,
  Event: agentEvent,
  Gap: gapEvent,
  EventLine: z.union([agentEvent, gapEvent]),
  Links: z.object({ openapi: z.string(), routes: z.array(link) }),
  Document: z.looseObject({ openapi: z.string() }),
  Error: error,
};

function withoutIdentity({ $schema: _schema, $id: _id, ...rest }: Json): Json {
  return rest;
}

function schemasOf(named: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): Record<string, Json> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, target: 'draft-2020-12', uri: (id) => `${REF}${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, withoutIdentity(schema as Json)]),
  );
}

/** A port in a body: the published contract, with what it does not have of its own. */
function boundPort(): Json {
  return {
    description: "As Neutron's API has a port, with its network and perhaps its place beside.",
    allOf: [
      ref('NeutronPort'),
      {
        type: 'object',
        required: ['network'],
        properties: {
          network: ref('Network'),
          place: {
            type: ['string', 'null'],
            description: 'This VF and no other: PF/VF. Absent or null = the host chooses.',
          },
        },
      },
    ],
  };
}

/** Bodies are checked loosely by zod and then, port by port, by the contract; the document says the whole. */
function requestSchemas(routes: readonly Route[]): Record<string, Json> {
  const bodies = routes.flatMap(({ body }) =>
    body === undefined ? [] : [[body.name, body.schema] as const],
  );
  const schemas = schemasOf(Object.fromEntries(bodies), 'input');
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const properties = { ...(schema['properties'] as Record<string, Json> | undefined) };
      if (properties['ports'] !== undefined) {
        properties['ports'] = { ...properties['ports'], items: ref('BoundPort') };
      }
      // The path says the id, so that the body need not.
      if (properties['port'] !== undefined) {
        properties['port'] = { type: 'object', description: 'As BoundPort; id may be left away.' };
      }
      return [name, { ...schema, properties }];
    }),
  );
}

const COMMON: readonly (readonly [status: number, meaning: string])[] = [
  [400, 'Malformed, or a key that is not known'],
  [403, 'The user may not do this'],
  [500, 'The kernel refused the agent something, or a bug'],
  [503, 'The store is in trouble, or something is busy; Retry-After says when to ask again'],
];
const BODY: typeof COMMON = [
  [413, 'More than 16 MiB'],
  [415, 'Not JSON'],
];
const OWN: Readonly<Record<number, string>> = {
  404: 'There is no such thing',
  409: 'Its state, or that of the host, forbids it; nothing was changed',
  422: 'The driver refused a setting',
};

function parametersOf({ path, query }: Route): Json[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const inPath = names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  if (query === undefined) return inPath;
  const { properties = {} } = z.toJSONSchema(query, { io: 'input', target: 'draft-2020-12' });
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema,
  }));
  return [...inPath, ...inQuery];
}

function operationOf(route: Route): Json {
  const parameters = parametersOf(route);
  const failures = [
    ...COMMON,
    ...(route.body === undefined ? [] : BODY),
    ...route.errors.map((status) => [status, OWN[status] ?? ''] as const),
  ].sort(([a], [b]) => a - b);
  const type = route.stream === true ? 'application/x-ndjson' : 'application/json';
  const failed = failures.map(([status, description]) => [
    String(status),
    { description, content: { 'application/json': { schema: ref('Error') } } },
  ]);
  return {
    operationId: route.name,
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    'x-right': route.right,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: route.body.optional !== true,
            content: { 'application/json': { schema: ref(route.body.name) } },
          },
        }),
    responses: {
      200: {
        description: route.stream === true ? 'Lines of JSON, each as said here' : 'Done',
        content: { [type]: { schema: ref(route.answers) } },
      },
      ...Object.fromEntries(failed),
    },
  };
}

/** Plain JSON; the same for the same routes. */
export function openApiDocument(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  const { port, network } = bindingSchemas();
  return {
    openapi: '3.1.1',
    info: {
      title: 'API of the sriov agent',
      version: '1',
      summary: "A host's VFs, and the ports that they are bound to",
      description:
        'Spoken over a Unix socket. Who may ask and who may change is decided by the user of the process that connects; x-right says which of the two a route needs.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://localhost', description: 'over the Unix socket; the host name has no meaning' }],
    paths,
    components: {
      schemas: {
        ...schemasOf(ANSWERS, 'output'),
        ...requestSchemas(routes),
        BoundPort: boundPort(),
        NeutronPort: withoutIdentity(port),
        Network: withoutIdentity(network),
      },
    },
  };
}
