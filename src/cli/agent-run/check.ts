/**
 * `sriov agent --check`: the configuration in effect, and what stands against it on this host.
 *
 * Owns what is looked at. It changes nothing: no store is made, no socket opened, no VF set. What may be put right
 * before the agent is started is a warning; what the agent could not start with is a failure.
 */
import { createAccess } from '../../agent/api/access.ts';
import { valuesOfSettings } from '../../agent/config/complete.ts';
import { loadSettings } from '../../agent/config/read.ts';
import { formatSettings, nested } from '../../agent/config/format.ts';
import type { AgentSettings } from '../../agent/settings.ts';
import type { InventoryPf } from '../../binding/inventory.ts';
import { SriovError } from '../../errors.ts';
import type { Outcome } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { SettingSources } from './sources.ts';

/** @throws AgentConfigError - the configuration is wrong in itself */
export async function checkAgent(
  { file, flags }: SettingSources,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Outcome> {
  const settings = await loadSettings(file, env, flags);
  const failures = checkNames(settings);
  const warnings: string[] = [];
  const store = await checkStore(settings.store);
  (store.fatal ? failures : warnings).push(...store.lines);
  warnings.push(...(await checkPfs(settings)));
  const exitCode = failures.length === 0 ? EXIT.done : EXIT.usage;
  const data = { settings: nested(valuesOfSettings(settings)), failures };
  return { data, text: formatSettings(settings), warnings, failures, exitCode };
}

function checkNames({ api }: AgentSettings): string[] {
  if (api.socket === null) return [];
  try {
    createAccess(api, process.getuid?.() ?? 0);
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

interface Finding {
  readonly fatal: boolean;
  readonly lines: readonly string[];
}

async function checkStore(path: string): Promise<Finding> {
  const { openLmdbStore } = await import('../../store/lmdb-store.ts');
  try {
    const store = await openLmdbStore(path, { create: false });
    await store.range('', { limit: 1 });
    await store.close();
    return { fatal: false, lines: [] };
  } catch (error) {
    const isNew = error instanceof SriovError && error.code === 'ENOENT';
    const text = isNew ? `store ${path} is not there yet; the agent makes it` : messageOf(error);
    return { fatal: !isNew, lines: [text] };
  }
}

/** PFs may come later, by hot plug or by a driver; so each that is missing is a warning. */
async function checkPfs({ policy: { mappings, exclude }, host: name }: AgentSettings): Promise<string[]> {
  const named = [...(mappings ?? [])].flatMap(([network, pfs]) => pfs.map((pf) => ({ network, pf })));
  if (named.length === 0) return [];
  let pfs: readonly InventoryPf[];
  try {
    const { createLinuxHost } = await import('../../port/linux-host.ts');
    ({ pfs } = await createLinuxHost({ name }).inventory());
  } catch (error) {
    return [`whether the mapped PFs exist could not be seen: ${messageOf(error)}`];
  }
  const missing = named
    .filter(({ pf }) => !pfs.some((one) => isNamed(one, pf)))
    .map(
      ({ network, pf }) => `${pf}, mapped to ${network}, is no PF of this host now (sriov list shows them)`,
    );
  const slots = [...(exclude ?? [])].flatMap(([pf, addresses]) => {
    const found = pfs.find((one) => isNamed(one, pf));
    const known = found?.vfs.map(({ pciAddress }) => pciAddress) ?? [];
    return found === undefined ? [] : addresses.filter((slot) => !known.includes(slot));
  });
  return [...missing, ...slots.map((slot) => `${slot}, excluded, is no VF of its PF now`)];
}

function isNamed({ netDevice, device, pciAddress }: InventoryPf, name: string): boolean {
  return name === netDevice || name === device || name.toLowerCase() === pciAddress;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
