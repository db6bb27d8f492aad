/** Ports: shown, bound, released, activated, planned. Owns these routes, and not what any of it means: that is src/port/. */
import { z } from 'zod';
import { ContractError } from '../../../binding/contract/error.ts';
import { parseRequest } from '../../../binding/flat-request.ts';
import { formatPlace } from '../../../binding/place.ts';
import type { PortRequest } from '../../../binding/port.ts';
import { InvalidConfigError } from '../../../errors.ts';
import type { PortOutcome, ReleaseReport } from '../../../port/report.ts';
import type { Agent } from '../../agent.ts';
import type { PortAnswer } from '../answers.ts';
import { RequestError } from '../failure.ts';
import type { Answer, Call, Route } from '../route.ts';
import { portState } from '../schema/status.ts';

const flatPort = z.record(z.string(), z.unknown());
const bindBody = z.strictObject({ ports: z.array(flatPort).min(1) });
const planBody = z.strictObject({ ports: z.exactOptional(z.array(flatPort)) });
const putBody = z.strictObject({ port: flatPort });
const releaseBody = z.strictObject({ ids: z.array(z.string().min(1)).min(1) });
const listQuery = z.strictObject({ state: z.exactOptional(portState) });

function noPort(id: string): RequestError {
  return new RequestError(404, 'SRIOV_NO_PORT', `port ${id} is not known`);
}

/** Says which of many ports is wrong. */
function parseOne(flat: Readonly<Record<string, unknown>>, where: string, host: string): PortRequest {
  try {
    const parsed = parseRequest(flat);
    if (parsed.host !== '' && parsed.host !== host) {
      throw new InvalidConfigError(`its binding:host_id is ${parsed.host}, and this agent is ${host}'s`);
    }
    return parsed.request;
  } catch (error) {
    if (error instanceof ContractError) {
      const problems = error.problems.map(({ path, message }) => ({
        path: path === '' ? where : `${where}.${path}`,
        message,
      }));
      throw new ContractError(where, problems);
    }
    if (error instanceof InvalidConfigError) throw new InvalidConfigError(`${where}: ${error.message}`);
    throw error;
  }
}

function parseMany(flats: readonly Readonly<Record<string, unknown>>[], agent: Agent): PortRequest[] {
  return flats.map((flat, index) => parseOne(flat, `ports[${index}]`, agent.host.name));
}

function outcome({ id, record, binding, refusals, changes }: PortOutcome): PortAnswer {
  const place = binding?.place == null ? null : formatPlace(binding.place);
  return { id, bound: refusals.length === 0, place, status: record.status, binding, refusals, changes };
}

async function bind(agent: Agent, requests: readonly PortRequest[]): Promise<Answer> {
  const { ports, messages, durationMs } = await agent.ports.bind(requests);
  const report = { ports: ports.map(outcome), messages, durationMs };
  const refused = ports.filter(({ refusals }) => refusals.length > 0);
  if (refused.length < ports.length) return { status: 200, body: report };
  const why = refused.slice(0, 3).map(({ id, refusals }) => `port ${id}: ${refusals[0]?.message ?? ''}`);
  const more = refused.length > why.length ? [`and ${refused.length - why.length} more`] : [];
  const message = `no port was bound: ${[...why, ...more].join('; ')}`;
  throw new RequestError(409, 'SRIOV_BINDING_FAILED', message, { report });
}

async function release(agent: Agent, ids: readonly string[]): Promise<Answer> {
  const report: ReleaseReport = await agent.ports.release(ids);
  if (report.released.length > 0) return { status: 200, body: report };
  if (report.notRestored.length === 0) {
    const which = report.unknown.length === 1 ? `port ${report.unknown[0]} is` : 'none of these ports is';
    throw new RequestError(404, 'SRIOV_NO_PORT', `${which} bound on this host`, { report });
  }
  const why = report.notRestored.slice(0, 3).map(({ port, message }) => `port ${port}: ${message}`);
  throw new RequestError(409, 'SRIOV_NOT_RESTORED', `no port was released: ${why.join('; ')}`, { report });
}

async function onePort(agent: Agent, id: string): Promise<Answer> {
  const [record, { ports }] = await Promise.all([agent.ports.get(id), agent.status()]);
  if (record === undefined) throw noPort(id);
  return { status: 200, body: { record, view: ports.find((port) => port.id === id) ?? null } };
}

async function putPort({ agent, params, body }: Call): Promise<Answer> {
  const [{ port }, id = ''] = [body as z.infer<typeof putBody>, params['id']];
  if (port['id'] !== undefined && port['id'] !== id) {
    const given = JSON.stringify(port['id']).slice(0, 48);
    throw new InvalidConfigError(`port.id is ${given}, and the path says ${id}`);
  }
  return bind(agent, [parseOne({ ...port, id }, 'port', agent.host.name)]);
}

async function activate({ agent, params }: Call): Promise<Answer> {
  const id = params['id'] ?? '';
  if ((await agent.ports.get(id)) === undefined) throw noPort(id);
  await agent.ports.activate(id);
  return onePort(agent, id);
}

async function plan({ agent, body }: Call): Promise<Answer> {
  const { ports = [] } = body as z.infer<typeof planBody>;
  const report = await agent.ports.plan(parseMany(ports, agent));
  return { status: 200, body: { ...report, bind: report.bind.map(outcome) } };
}

export const PORT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/ports',
    name: 'listPorts',
    right: 'read',
    summary: 'The ports of this host as the agent sees them; `state` chooses those of one state',
    query: listQuery,
    answers: 'Ports',
    errors: [],
    handle: async ({ agent, query }) => {
      const { state } = query as z.infer<typeof listQuery>;
      const { ports } = await agent.status();
      const chosen = ports.filter((port) => state === undefined || port.state === state);
      return { status: 200, body: { ports: chosen } };
    },
  },
  {
    method: 'POST',
    path: '/v1/ports',
    name: 'bindPorts',
    right: 'write',
    summary: 'Bind ports to functions of this host, all of them together',
    description:
      'Each as the Neutron API has a port, with its `network` (and `place`, if it must be that VF) beside. A port that is bound here is brought up to date. 200 when at least one is bound: each port says whether it is, and why not. 409 when none is.',
    body: { schema: bindBody, name: 'BindRequest' },
    answers: 'BindReport',
    errors: [409],
    handle: async ({ agent, body }) =>
      bind(agent, parseMany((body as z.infer<typeof bindBody>).ports, agent)),
  },
  {
    method: 'POST',
    path: '/v1/ports/release',
    name: 'releasePorts',
    right: 'write',
    summary: 'Put the functions of these ports back to what was found, and forget their bindings here',
    description: '200 when at least one is released, 404 when none is bound here, 409 when none could be.',
    body: { schema: releaseBody, name: 'ReleaseRequest' },
    answers: 'ReleaseReport',
    errors: [404, 409],
    handle: async ({ agent, body }) => release(agent, (body as z.infer<typeof releaseBody>).ids),
  },
  {
    method: 'GET',
    path: '/v1/ports/{id}',
    name: 'getPort',
    right: 'read',
    summary: 'A port: its record in the store, and how the agent sees it',
    answers: 'OnePort',
    errors: [404],
    handle: async ({ agent, params }) => onePort(agent, params['id'] ?? ''),
  },
  {
    method: 'PUT',
    path: '/v1/ports/{id}',
    name: 'bindPort',
    right: 'write',
    summary: 'Bind one port, or bring it up to date',
    body: { schema: putBody, name: 'PutPortRequest' },
    answers: 'BindReport',
    errors: [409],
    handle: putPort,
  },
  {
    method: 'DELETE',
    path: '/v1/ports/{id}',
    name: 'releasePort',
    right: 'write',
    summary: 'Release one port',
    answers: 'ReleaseReport',
    errors: [404, 409],
    handle: async ({ agent, params }) => release(agent, [params['id'] ?? '']),
  },
  {
    method: 'POST',
    path: '/v1/ports/{id}/activate',
    name: 'activatePort',
    right: 'write',
    summary: 'Make the binding on this host the active one: the last step of a live migration',
    answers: 'OnePort',
    errors: [404, 409, 422],
    handle: activate,
  },
  {
    method: 'POST',
    path: '/v1/plan',
    name: 'plan',
    right: 'read',
    summary: 'What binding these ports, and recovery, would do; changes nothing',
    body: { schema: planBody, name: 'PlanRequest', optional: true },
    answers: 'PlanReport',
    errors: [],
    handle: plan,
  },
];
