/** The agent as a whole, and its PFs. Owns these routes. */
import { z } from 'zod';
import { formatPlace } from '../../../binding/place.ts';
import type { Agent } from '../../agent.ts';
import type { PfView } from '../../status.ts';
import { RequestError } from '../failure.ts';
import type { Call, Route } from '../route.ts';

/** By its name in sysfs, or that of its net device. @throws RequestError - 404 */
async function pfOf(agent: Agent, name: string): Promise<PfView> {
  const { pfs } = await agent.status();
  const found = pfs.find(({ pf }) => pf === name) ?? pfs.find(({ netDevice }) => netDevice === name);
  if (found !== undefined) return found;
  const known = pfs.length === 0 ? 'it looks at none' : `it looks at ${pfs.map(({ pf }) => pf).join(', ')}`;
  throw new RequestError(404, 'SRIOV_NO_PF', `the agent does not look at a PF ${name}; ${known}`);
}

const reconcileBody = z.strictObject({ pf: z.exactOptional(z.string().min(1)) });

async function reconcile({ agent, body }: Call): Promise<{ status: number; body: unknown }> {
  const { pf } = body as z.infer<typeof reconcileBody>;
  const name = pf === undefined ? undefined : (await pfOf(agent, pf)).pf;
  await agent.reconcile(name);
  const { pfs } = await agent.status();
  return { status: 200, body: { pfs: pfs.filter((one) => name === undefined || one.pf === name) } };
}

export const STATUS_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/status',
    name: 'getStatus',
    right: 'read',
    summary: "The agent's view of its host",
    answers: 'Status',
    errors: [],
    handle: async ({ agent }) => ({ status: 200, body: await agent.status() }),
  },
  {
    method: 'GET',
    path: '/v1/pfs',
    name: 'listPfs',
    right: 'read',
    summary: 'The PFs that the agent looks at',
    answers: 'Pfs',
    errors: [],
    handle: async ({ agent }) => ({ status: 200, body: { pfs: (await agent.status()).pfs } }),
  },
  {
    method: 'GET',
    path: '/v1/pfs/{pf}/vfs',
    name: 'listVfs',
    right: 'read',
    summary: 'The VFs of a PF as the kernel has them, and whose they are',
    description:
      'The PF by its name in sysfs or that of its net device. Costs one read of the whole PF, with one question to the driver a VF.',
    answers: 'Vfs',
    errors: [404],
    handle: async ({ agent, params }) => {
      const { pf, netDevice } = await pfOf(agent, params['pf'] ?? '');
      const [vfs, { ports }] = [await agent.host.read(pf), await agent.status()];
      const byPlace = new Map(ports.map((port) => [port.place, port]));
      return {
        status: 200,
        body: {
          pf,
          netDevice,
          vfs: vfs.map((vf) => {
            const port = byPlace.get(formatPlace({ pf, vf: vf.vf }));
            return { ...vf, port: port?.id ?? null, state: port?.state ?? null };
          }),
        },
      };
    },
  },
  {
    method: 'POST',
    path: '/v1/reconcile',
    name: 'reconcile',
    right: 'write',
    summary: 'Look at a PF, or at all, at once; answers when it is done',
    body: { schema: reconcileBody, name: 'ReconcileRequest', optional: true },
    answers: 'Pfs',
    errors: [404],
    handle: reconcile,
  },
];
