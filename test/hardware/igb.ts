/**
 * The two igb NICs of the test machine, whose ports meet on one hub: what tests of them have in common.
 *
 * Owns finding them, raising them, and putting VFs through their paces. `first` has the VFs; `second` is the wire's
 * other end.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';
import type { TestFrame } from '../../src/conformance/frame-tap.ts';
import { type Frame, passFrame, waitForCarrier } from '../../src/conformance/pass.ts';
import {
  listPhysicalFunctions,
  type PhysicalFunction,
  restoreDriver,
  unbindDriver,
  waitForVfs,
} from '../../src/index.ts';
import { setUp } from '../../src/lifecycle/net-device.ts';

export const BROADCAST = 'ff:ff:ff:ff:ff:ff';

export class IgbPair {
  readonly first: PhysicalFunction;
  readonly second: PhysicalFunction;

  constructor() {
    const [first, second] = listPhysicalFunctions().filter(
      ({ driver, pciAddress }) => driver === 'igb' && isEmulated(pciAddress),
    );
    if (first === undefined || second === undefined) {
      throw new Error(
        'these tests need two of the igb NICs that QEMU emulates on one wire: run them with "npm test" or "npm run vm"',
      );
    }
    this.first = first;
    this.second = second;
  }

  /** PCI address of a VF of the first. */
  async addressOf(vf: number): Promise<string> {
    const [found] = await waitForVfs(this.first, { vfs: [vf], netDevices: false });
    if (found === undefined) throw new Error(`there is no VF ${vf}`);
    return found.pciAddress;
  }

  /** The VF's driver starts anew, as after a start of its guest; gives its net device, up and with a carrier. */
  async restartVf(vf: number): Promise<string> {
    await restoreDriver(await unbindDriver(await this.addressOf(vf), { force: true }));
    const [found] = await waitForVfs(this.first, { vfs: [vf] });
    const name = found?.netDevices[0] ?? '';
    await setUp(name, true);
    await waitForCarrier(name);
    return name;
  }

  /** What comes out on the wire for a frame that a VF sends: the frame, or undefined. */
  sendFromVf(device: string, frame: Frame): Promise<TestFrame | undefined> {
    return passFrame(device, this.second.name, true, frame);
  }

  /** What a VF receives for a frame on the wire. */
  sendToVf(device: string, frame: Frame): Promise<TestFrame | undefined> {
    return passFrame(this.second.name, device, false, frame);
  }
}

/** No one's own NIC is touched: QEMU's has QEMU's subsystem vendor. */
function isEmulated(pciAddress: string | undefined): boolean {
  const path = `/sys/bus/pci/devices/${pciAddress}/subsystem_vendor`;
  return pciAddress !== undefined && readFileSync(path, 'utf8').trim() === '0x1af4';
}

/** Takes the first PF down and up again. */
export async function downAndUp(pf: PhysicalFunction): Promise<void> {
  await setUp(pf.name, false);
  await setUp(pf.name, true);
  await waitForCarrier(pf.name);
}

/** For the tests of a file: both NICs are up, the first has `vfs` VFs; afterwards it has none. */
export function useIgb(vfs: number): { readonly pair: IgbPair } {
  let pair: IgbPair | undefined;
  beforeAll(async () => {
    pair = new IgbPair();
    // igbvf asks the PF for its settings when it starts, and a PF that is down does not answer.
    await Promise.all([pair.first, pair.second].map((pf) => setUp(pf.name, true)));
    await Promise.all([pair.first, pair.second].map((pf) => waitForCarrier(pf.name)));
    await pair.first.setNumVfs(vfs, { recreate: true, force: true });
    await waitForVfs(pair.first);
    // Making VFs resets the port, and igb takes rates while there is a link only.
    await waitForCarrier(pair.first.name);
  });
  afterAll(async () => {
    await pair?.first.setNumVfs(0, { force: true });
  });
  return {
    get pair(): IgbPair {
      if (pair === undefined) throw new Error('the NICs are looked for before the first test');
      return pair;
    },
  };
}
