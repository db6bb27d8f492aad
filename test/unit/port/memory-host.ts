/**
 * A host without a kernel: PFs and VFs in memory, for what no kernel does on demand: to die in the middle, to
 * refuse one setting, to be reset between two steps. What VFs do in truth is shown by the tests in the machine.
 */
import type { Inventory, InventoryPf, InventoryVf } from '../../../src/binding/inventory.ts';
import { formatPlace, type Place } from '../../../src/binding/place.ts';
import { KernelError } from '../../../src/errors.ts';
import type { VfHost, VfNetDevice } from '../../../src/port/host.ts';
import { VF_ATTRIBUTES, type VfAttribute, type VfConfig, type VfState } from '../../../src/vf/config.ts';
import type { ProgramReport, VfFailure } from '../../../src/vf/report.ts';
import { VfTable } from '../../../src/vf/table.ts';

/** Thrown where a process would die; nothing catches it. */
export class Crash extends Error {}

interface Pf {
  generation: number;
  readonly vfs: Map<number, VfState>;
  readonly devices: Map<number, { mac: string; up: boolean; uppers: string[] }>;
}

const FRESH: Omit<VfState, 'vf'> = {
  mac: '00:00:00:00:00:00',
  vlan: null,
  rate: { min: 0, max: 0 },
  spoofCheck: true,
  trust: false,
  linkState: 'auto',
  rssQuery: false,
};

export class MemoryHost implements VfHost {
  readonly name: string;
  bootId = 'boot-1';
  /** Called before each change of a VF or device; may throw a {@link Crash}. */
  beforeChange: (what: string) => void = () => {};
  /** By `PF/VF attribute`: the errno name with which it is refused. */
  readonly refusals = new Map<string, string>();
  /** Requests that changed something, by PF. */
  readonly requests: { readonly pf: string; readonly configs: readonly VfConfig[] }[] = [];
  readonly #pfs = new Map<string, Pf>();
  #generations = 0;

  constructor(name: string, pfs: Readonly<Record<string, number>>) {
    this.name = name;
    for (const [pf, count] of Object.entries(pfs)) this.recreate(pf, count);
  }

  /** Takes the VFs of a PF away and makes new ones; a PF that there was not is added. */
  recreate(name: string, count: number): void {
    const generation = ++this.#generations;
    const vfs = new Map(Array.from({ length: count }, (_, vf) => [vf, { vf, ...FRESH }]));
    const devices = new Map(
      Array.from({ length: count }, (_, vf) => [
        vf,
        { mac: randomMac(vf, generation), up: false, uppers: [] as string[] },
      ]),
    );
    this.#pfs.set(name, { generation, vfs, devices });
  }

  /** Takes a PF away, and its VFs with it. */
  remove(name: string): void {
    this.#pfs.delete(name);
  }

  /** Settings are lost, the VFs stay. */
  reset(name: string): void {
    const { vfs } = this.#pf(name);
    for (const vf of vfs.keys()) vfs.set(vf, { vf, ...FRESH });
  }

  reboot(): void {
    this.bootId = `boot-${Number(this.bootId.slice(5)) + 1}`;
    for (const [name, { vfs }] of this.#pfs) this.recreate(name, vfs.size);
  }

  /** Behind everybody's back. */
  drift(pf: string, config: VfConfig): void {
    const { vfs } = this.#pf(pf);
    vfs.set(config.vf, merged(vfs.get(config.vf) as VfState, config));
  }

  /** All VFs of all PFs, to compare. */
  snapshot(): Record<string, VfState[]> {
    return Object.fromEntries([...this.#pfs].map(([name, { vfs }]) => [name, [...vfs.values()]]));
  }

  inventory(): Promise<Inventory> {
    const pfs = [...this.#pfs].map(([device, { vfs, devices }]): InventoryPf => {
      const list = [...vfs.keys()].map((vf): InventoryVf => {
        const net = devices.get(vf) === undefined ? [] : [`${device}v${vf}`];
        return { vf, pciAddress: null, vendorProduct: null, driver: null, netDevices: net, inUse: null };
      });
      const common = { pciAddress: null, vendorProduct: null, driver: 'memory', numaNode: null };
      return {
        device,
        ...common,
        netDevice: device,
        mac: randomMac(255),
        switchdev: false,
        lacks: [],
        inUse: null,
        vfs: list,
      };
    });
    return Promise.resolve({ host: this.name, pfs });
  }

  generation({ pf, vf }: Place): Promise<string | undefined> {
    const found = this.#pfs.get(pf);
    const there = found !== undefined && (vf === null || found.vfs.has(vf));
    return Promise.resolve(there ? `${this.bootId}:${found.generation}` : undefined);
  }

  async read(pf: string): Promise<readonly VfState[]> {
    return Promise.resolve([...this.#pf(pf).vfs.values()]);
  }

  async program(pf: string, configs: readonly VfConfig[]): Promise<ProgramReport> {
    const { vfs } = this.#pf(pf);
    VfTable.from(configs);
    this.requests.push({ pf, configs });
    const failures: VfFailure[] = [];
    let applied = 0;
    for (const config of configs) {
      for (const attribute of VF_ATTRIBUTES) {
        if (config[attribute] === undefined) continue;
        this.beforeChange(`${pf}/${config.vf} ${attribute}`);
        const code = this.refusals.get(`${pf}/${config.vf} ${attribute}`);
        if (code === undefined) {
          vfs.set(
            config.vf,
            merged(vfs.get(config.vf) as VfState, { vf: config.vf, [attribute]: config[attribute] }),
          );
          applied++;
        } else {
          failures.push({
            vf: config.vf,
            attribute,
            errno: -1,
            code,
            message: `VF ${config.vf}: ${attribute}: ${code}`,
          });
        }
      }
    }
    return Promise.resolve({
      ...REPORT,
      vfs: configs.length,
      requested: applied + failures.length,
      applied,
      failures,
    });
  }

  netDevice({ pf, vf }: Place): Promise<VfNetDevice | null> {
    const device = this.#pfs.get(pf)?.devices.get(vf ?? -1);
    if (device === undefined) return Promise.resolve(null);
    const uppers = device.uppers.map((name, index) => ({ name, ifindex: 1000 + index }));
    return Promise.resolve({ name: `${pf}v${vf}`, ifindex: 1, mac: device.mac, up: device.up, uppers });
  }

  async setNetDevice(place: Place, want: { readonly mac?: string; readonly up?: boolean }): Promise<void> {
    const device = this.#device(place);
    this.beforeChange(`${formatPlace(place)} net device`);
    if (want.mac !== undefined) device.mac = want.mac;
    if (want.up !== undefined) device.up = want.up;
    return Promise.resolve();
  }

  async createMacvtap(
    place: Place,
    name: string,
  ): Promise<{ readonly name: string; readonly ifindex: number }> {
    const device = this.#device(place);
    this.beforeChange(`${formatPlace(place)} macvtap`);
    if (!device.uppers.includes(name)) device.uppers.push(name);
    return Promise.resolve({ name, ifindex: 1000 });
  }

  async removeMacvtap(place: Place, name: string): Promise<void> {
    const device = this.#device(place);
    this.beforeChange(`${formatPlace(place)} no macvtap`);
    device.uppers = device.uppers.filter((upper) => upper !== name);
    return Promise.resolve();
  }

  #device({ pf, vf }: Place): { mac: string; up: boolean; uppers: string[] } {
    const device = this.#pf(pf).devices.get(vf ?? -1);
    if (device === undefined) throw new KernelError('ENODEV', `${pf}/${vf}: ENODEV`, { errno: -19 });
    return device;
  }

  #pf(name: string): Pf {
    const pf = this.#pfs.get(name);
    if (pf === undefined) throw new KernelError('ENODEV', `${name}: ENODEV`, { errno: -19 });
    return pf;
  }
}

function merged(state: VfState, config: VfConfig): VfState {
  const next: Record<string, unknown> = { ...state };
  const given: readonly (readonly [VfAttribute, unknown])[] = VF_ATTRIBUTES.map((name) => [
    name,
    config[name],
  ]);
  for (const [name, value] of given) {
    if (value === undefined) continue;
    if (value === null) next[name] = CLEARED[name];
    else if (name === 'rate') next[name] = { ...state.rate, ...(value as object) };
    else if (name === 'vlan') next[name] = vlanState(value as NonNullable<VfConfig['vlan']>);
    else next[name] = value;
  }
  return next as unknown as VfState;
}

function vlanState(vlan: NonNullable<VfConfig['vlan']>): VfState['vlan'] {
  const { id, qos = 0, proto = '802.1Q' } = vlan;
  return id === 0 && qos === 0 ? null : { id, qos, proto };
}

const CLEARED: Readonly<Record<VfAttribute, unknown>> = {
  mac: '00:00:00:00:00:00',
  vlan: null,
  rate: { min: 0, max: 0 },
  spoofCheck: false,
  trust: false,
  linkState: 'auto',
  rssQuery: false,
  nodeGuid: undefined,
  portGuid: undefined,
};

const REPORT: ProgramReport = {
  vfs: 0,
  requested: 0,
  applied: 0,
  failures: [],
  rolledBack: false,
  notRestored: [],
  aborted: false,
  unverified: 0,
  messages: 1,
  reads: 0,
  retries: 0,
  coalesced: 1,
  durationMs: 0,
};

/** Drivers make one up for each life of a VF. */
function randomMac(vf: number, generation = 0): string {
  const hex = (byte: number): string => (byte & 255).toString(16).padStart(2, '0');
  return `06:00:00:${hex(generation >> 8)}:${hex(generation)}:${hex(vf)}`;
}
