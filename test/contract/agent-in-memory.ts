/**
 * An agent whose host is in memory, with its API on a socket, for programs that ask it from another process.
 *
 * Owns the PCI addresses of that host's VFs, which the host itself does not have.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ApiServer, serveApi } from '../../src/agent/api/serve.ts';
import type { ApiSettings } from '../../src/agent/settings.ts';
import { type Rig, SETTINGS, startRig } from '../unit/agent/engine/rig.ts';
import type { MemoryHost } from '../unit/port/memory-host.ts';

export interface MemoryAgent extends Rig {
  readonly socket: string;
}

/** VF 3 of `pf1` is 0000:01:10.3. */
export function addressOf(pf: string, vf: number): string {
  return `0000:0${pf.slice(2)}:10.${vf}`;
}

function withAddresses(host: MemoryHost): void {
  const inventory = host.inventory.bind(host);
  host.inventory = async () => {
    const { pfs, ...rest } = await inventory();
    const addressed = pfs.map((pf) => ({
      ...pf,
      vfs: pf.vfs.map((vf) => ({ ...vf, pciAddress: addressOf(pf.device, vf.vf) })),
    }));
    return { ...rest, pfs: addressed };
  };
}

/** PFs `pf0` and `pf1`, of four VFs each. */
export async function startMemoryAgent(): Promise<MemoryAgent> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sriov-agent-'));
  const socket = path.join(folder, 'agent.sock');
  const settings: ApiSettings = { ...SETTINGS.api, socket };
  const rig = await startRig(({ host }) => Promise.resolve(withAddresses(host)));
  let server: ApiServer | undefined;
  const end = async (): Promise<void> => {
    await server?.close();
    await rig.end();
    rmSync(folder, { recursive: true });
  };
  try {
    server = await serveApi({ agent: rig.agent, settings });
  } catch (error) {
    await end();
    throw error;
  }
  return { ...rig, socket, end };
}
