/**
 * The PF as it was found, and the way back to it.
 *
 * Owns what is put back: number of VFs, every setting of the VF that is tried, PF and peer up or down. Must go on
 * with the rest when one thing can't be put back, and say so.
 */
import type { PhysicalFunction } from '../host/physical-function.ts';
import { isUp, setUp } from '../lifecycle/net-device.ts';
import { waitForVfs } from '../lifecycle/wait.ts';
import { VF_ATTRIBUTES, type VfState } from '../vf/config.ts';
import { diffVfs } from '../vf/diff.ts';
import { VfTable } from '../vf/table.ts';

export interface Snapshot {
  readonly numVfs: number;
  /** Settings of the VF that is tried; absent when it does not exist yet. */
  readonly vf?: VfState;
  /** Net devices that are raised, with what they were. */
  readonly up: ReadonlyMap<string, boolean>;
}

export async function takeSnapshot(
  pf: PhysicalFunction,
  vf: number,
  peer: string | undefined,
): Promise<Snapshot> {
  const row = (await pf.readVfs()).find(vf)?.toConfig();
  const devices = [pf.name, ...(peer === undefined ? [] : [peer])];
  if (row !== undefined) {
    const [found] = await waitForVfs(pf, { vfs: [vf], netDevices: false });
    devices.push(...(found?.netDevices ?? []));
  }
  return {
    numVfs: pf.numVfs() ?? 0,
    ...(row === undefined ? {} : { vf: row }),
    up: new Map(devices.map((name) => [name, isUp(name) ?? false])),
  };
}

/** Puts everything back; gives what could not be, in words. */
export async function putBack(pf: PhysicalFunction, { numVfs, vf, up }: Snapshot): Promise<string[]> {
  const left: string[] = [];
  const attempt = async (what: string, step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      left.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  if (numVfs === 0) await attempt('number of VFs', () => pf.setNumVfs(0, { force: true }));
  if (vf !== undefined) {
    await attempt(`VF ${vf.vf}`, async () => {
      left.push(...(await putSettingsBack(pf, vf)));
    });
  }
  for (const [name, was] of up) {
    if (isUp(name) === was) continue;
    await attempt(name, () => setUp(name, was));
  }
  return left;
}

/** One attribute at a time, and only what differs: a driver may refuse even what it reports. */
async function putSettingsBack(pf: PhysicalFunction, before: VfState): Promise<string[]> {
  const want = VfTable.from([before]);
  const change = diffVfs(want, await pf.readVfs());
  if (change.length > 0) await pf.programVfs(change, { verify: true });
  const still = diffVfs(want, await pf.readVfs()).find(before.vf);
  return VF_ATTRIBUTES.filter((attribute) => still?.[attribute] !== undefined).map(
    (attribute) => `VF ${before.vf}: ${attribute} was ${JSON.stringify(before[attribute])}`,
  );
}
