/**
 * The data path of one VF, proven with frames to and from a port on the same wire.
 *
 * Owns the checks and what they expect. Needs a VF that has a net device here, and CAP_NET_RAW.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { PhysicalFunction } from '../host/physical-function.ts';
import { restoreDriver, unbindDriver } from '../lifecycle/driver.ts';
import { setUp } from '../lifecycle/net-device.ts';
import { waitForVfs } from '../lifecycle/wait.ts';
import type { VfConfig } from '../vf/config.ts';
import { netDeviceMac, type TestFrame } from './frame-tap.ts';
import { type Frame, passFrame, waitForCarrier } from './pass.ts';
import type { DataPathResult } from './result.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const PEER = '02:5a:00:00:00:77';
const SPOOFED = '02:5a:00:00:00:66';
const HOST = '02:5a:00:00:00:11';
const OWN = '02:5a:00:00:00:22';
const TPID = 0x8100;
/** Further attempts of what should arrive. */
const PATIENCE = 5;

/** What the checks share. */
class Path {
  readonly results: DataPathResult[] = [];
  device = '';
  readonly #pf: PhysicalFunction;
  readonly #vf: number;
  readonly #peer: string;

  constructor(pf: PhysicalFunction, vf: number, peer: string) {
    this.#pf = pf;
    this.#vf = vf;
    this.#peer = peer;
  }

  /** Settings that the driver has not are no failure of the path: the check is skipped. */
  async set(config: Omit<VfConfig, 'vf'>): Promise<string | undefined> {
    const { failures } = await this.#pf.programVfs([{ vf: this.#vf, ...config }]);
    return failures[0] === undefined ? undefined : `${failures[0].attribute}: ${failures[0].code}`;
  }

  /** The VF's driver starts anew, as its guest would: many take a new VLAN or MAC only then. */
  async restart(): Promise<void> {
    const [found] = await waitForVfs(this.#pf, { vfs: [this.#vf], netDevices: false });
    if (found === undefined) return;
    await restoreDriver(await unbindDriver(found.pciAddress, { force: true }));
    const [again] = await waitForVfs(this.#pf, { vfs: [this.#vf] });
    this.device = again?.netDevices[0] ?? '';
    await setUp(this.device, true);
    await waitForCarrier(this.device);
  }

  out(source = netDeviceMac(this.device)): Promise<TestFrame | undefined> {
    return passFrame(this.device, this.#peer, true, { destination: BROADCAST, source });
  }

  in(id: number | undefined, destination = BROADCAST): Promise<TestFrame | undefined> {
    const frame: Frame = { destination, source: PEER };
    const tag = id === undefined ? {} : { tag: { id, qos: 0, tpid: TPID } };
    return passFrame(this.#peer, this.device, false, { ...frame, ...tag });
  }

  /**
   * Notes a check that expects `wanted` of what comes of it. What should arrive is tried for some time: a driver may
   * take seconds to notice a change of its link. What should not arrive is tried once.
   */
  async note(check: string, wanted: string, look: () => Promise<string>): Promise<void> {
    let got = await look();
    for (let again = 0; again < PATIENCE && got === 'nothing' && got !== wanted; again++) got = await look();
    const outcome = got === wanted ? 'passed' : 'failed';
    this.results.push({ check, outcome, detail: outcome === 'passed' ? got : `${got}, not ${wanted}` });
  }

  skip(check: string, detail: string): void {
    this.results.push({ check, outcome: 'skipped', detail });
  }
}

/**
 * Runs all checks. The PF and `peer` are up and have a carrier.
 *
 * @param peer - net device on the same wire as the PF
 */
export async function checkDataPath(
  pf: PhysicalFunction,
  vf: number,
  peer: string,
  signal?: AbortSignal,
): Promise<DataPathResult[]> {
  const path = new Path(pf, vf, peer);
  for (const checks of [withoutVlan, withVlan, spoofCheck, hostMac]) {
    signal?.throwIfAborted();
    await checks(path);
  }
  return path.results;
}

const describe = (frame: TestFrame | undefined): string =>
  frame === undefined ? 'nothing' : frame.tag === undefined ? 'untagged' : `tag ${frame.tag.id}`;

async function withoutVlan(path: Path): Promise<void> {
  await path.set({ mac: null, vlan: null });
  await path.restart();
  await path.note('no VLAN: the wire shows', 'untagged', async () => describe(await path.out()));
  await path.note('no VLAN: an untagged frame is received', 'untagged', async () =>
    describe(await path.in(undefined)),
  );
}

async function withVlan(path: Path): Promise<void> {
  const refused = await path.set({ vlan: { id: 100 } });
  if (refused !== undefined) return path.skip('VLAN 100', refused);
  await path.restart();
  await path.note('VLAN 100: the wire shows', 'tag 100', async () => describe(await path.out()));
  await path.note('VLAN 100: tag 100 is received as', 'untagged', async () => describe(await path.in(100)));
  await path.note('VLAN 100: tag 200 is received as', 'nothing', async () => describe(await path.in(200)));
  await path.note('VLAN 100: an untagged frame is received as', 'nothing', async () =>
    describe(await path.in(undefined)),
  );
  await path.set({ vlan: null });
}

async function spoofCheck(path: Path): Promise<void> {
  for (const [on, wanted] of [
    [false, 'untagged'],
    [true, 'nothing'],
  ] as const) {
    const check = `spoof check ${on ? 'on' : 'off'}: the wire shows of a foreign source MAC`;
    const refused = await path.set({ spoofCheck: on });
    if (refused !== undefined) {
      path.skip(check, refused);
      continue;
    }
    await path.restart();
    await path.note(check, wanted, async () => describe(await path.out(SPOOFED)));
  }
}

async function hostMac(path: Path): Promise<void> {
  const refused = (await path.set({ mac: HOST })) ?? (await path.set({ trust: false }));
  if (refused !== undefined) return path.skip('MAC set by the host', refused);
  await path.restart();
  await path.note("MAC set by the host: the VF's is", HOST, async () => netDeviceMac(path.device));
  await path.note('MAC set by the host: a frame to it is received', 'untagged', async () =>
    describe(await path.in(undefined, HOST)),
  );
  await path.note('MAC set by the host: a frame to another is received as', 'nothing', async () =>
    describe(await path.in(undefined, OWN)),
  );
  const check = 'no trust: after the VF tried another MAC it has';
  // The only attribute that neither sysfs nor the addon can set: a net device's own address.
  const tried = await promisify(execFile)('ip', ['link', 'set', path.device, 'address', OWN]).then(
    () => 'accepted',
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'no ip' : 'refused'),
  );
  if (tried === 'no ip') return path.skip(check, 'the command ip (iproute2) is not installed');
  // Some drivers accept it for the net device, and the PF ignores it: frames tell.
  await path.note(check, 'the old one', async () =>
    describe(await path.in(undefined, OWN)) === 'nothing' ? 'the old one' : 'the new one',
  );
}
