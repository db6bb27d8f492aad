/**
 * Which settings still read back after what a PF goes through.
 *
 * Owns the events. The PF is up before and after each.
 */
import type { PhysicalFunction } from '../host/physical-function.ts';
import { setUp } from '../lifecycle/net-device.ts';
import { resetFunction } from '../lifecycle/reset.ts';
import { waitForVfs } from '../lifecycle/wait.ts';
import type { VfAttribute, VfConfig } from '../vf/config.ts';
import { diffVfs } from '../vf/diff.ts';
import { VfTable } from '../vf/table.ts';
import { waitForCarrier } from './pass.ts';
import type { SettingResult, SurvivalResult } from './result.ts';

/** Values that no driver has by itself; of those, what this one has. */
const MARKS: { readonly [K in VfAttribute]?: VfConfig[K] } = {
  mac: '02:5a:00:00:00:33',
  vlan: { id: 333 },
  rate: { max: 50 },
  spoofCheck: false,
  linkState: 'enable',
  rssQuery: true,
  trust: true,
};

interface Event {
  readonly name: string;
  readonly happen: (pf: PhysicalFunction, vf: number) => Promise<void>;
}

const downAndUp = async (pf: PhysicalFunction): Promise<void> => {
  await setUp(pf.name, false);
  await setUp(pf.name, true);
  // A port without a cable has no carrier; rates alone need one.
  await waitForCarrier(pf.name, 5000).catch(() => undefined);
};

/** What there is on every device. */
const ALWAYS: readonly Event[] = [{ name: 'PF down and up', happen: downAndUp }];

/** What PCI functions have. */
const ON_PCI: readonly Event[] = [
  {
    name: 'VF reset',
    happen: async (pf, vf) => {
      const [found] = await waitForVfs(pf, { vfs: [vf], netDevices: false });
      if (found !== undefined) await resetFunction(found.pciAddress, { force: true });
    },
  },
  {
    name: 'PF reset',
    happen: async (pf) => {
      await resetFunction(pf.pciAddress ?? '', { force: true });
      await downAndUp(pf);
    },
  },
];

/** Sets all that the driver has, and looks after each event at what is left. */
export async function checkSurvival(
  pf: PhysicalFunction,
  vf: number,
  settings: readonly SettingResult[],
  signal?: AbortSignal,
): Promise<{ readonly survival: SurvivalResult[]; readonly skipped: string[] }> {
  const survival: SurvivalResult[] = [];
  const skipped: string[] = [];
  const can = new Set(
    settings
      .filter(({ outcome }) => ['at once', 'later'].includes(outcome))
      .map(({ attribute }) => attribute),
  );
  const marks = Object.entries(MARKS).filter(([attribute]) => can.has(attribute as VfAttribute));
  for (const { name, happen } of pf.pciAddress === undefined ? ALWAYS : [...ALWAYS, ...ON_PCI]) {
    signal?.throwIfAborted();
    const set: string[] = [];
    for (const [attribute, value] of marks) {
      const report = await pf.programVfs([{ vf, [attribute]: value }], { verify: true });
      if (report.failures.length === 0) set.push(attribute);
    }
    try {
      await happen(pf, vf);
    } catch (error) {
      skipped.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      continue;
    }
    const have = await pf.readVfs();
    for (const attribute of set) {
      const want = VfTable.from([{ vf, [attribute]: MARKS[attribute as VfAttribute] }]);
      const survives = diffVfs(want, have).length === 0;
      survival.push({ event: name, attribute: attribute as VfAttribute, survives });
    }
  }
  return { survival, skipped };
}
