/**
 * The PF of a test file, and settings to put on its VFs.
 *
 * Owns making and removing it around the tests of one file; what a netdevsim is, is netdevsim.mjs's.
 */
import { afterAll, beforeAll } from 'vitest';
import { PhysicalFunction, type VfConfig, type VfState } from '../../src/index.ts';
import { createNetdevsim, type Netdevsim, type NetdevsimOptions } from './netdevsim.mjs';

/**
 * A message may hold rtnl for as long as it takes: a slow moment of the machine must not cut messages where a
 * test counts them.
 */
export const UNCUT = { maxHoldMs: 10_000 } as const;

export interface TestPf {
  readonly sim: Netdevsim;
  readonly pf: PhysicalFunction;
}

/** A PF for the tests of a file, or of a `describe`. */
export function usePf(options: NetdevsimOptions = {}): TestPf {
  let made: TestPf | undefined;
  const there = (): TestPf => {
    if (made === undefined) throw new Error('the PF is not made before the first test');
    return made;
  };
  beforeAll(() => {
    const sim = createNetdevsim(options);
    made = { sim, pf: PhysicalFunction.open(sim.pf) };
  });
  afterAll(() => made?.sim.remove());
  return {
    get sim(): Netdevsim {
      return there().sim;
    },
    get pf(): PhysicalFunction {
      return there().pf;
    },
  };
}

/** Runs `use` with a PF of its own, which is gone afterwards. */
export async function withPf<T>(
  vfs: number,
  use: (pf: PhysicalFunction, sim: Netdevsim) => T,
): Promise<Awaited<T>> {
  const sim = createNetdevsim({ vfs });
  try {
    return await use(PhysicalFunction.open(sim.pf), sim);
  } finally {
    sim.remove();
  }
}

/** One entry for each of `count` VFs. */
export function each(count: number, config: (vf: number) => Omit<VfConfig, 'vf'>): VfConfig[] {
  return Array.from({ length: count }, (_, vf) => ({ vf, ...config(vf) }));
}

/** A unicast MAC of its own for each VF and `kind`. */
export function macOf(vf: number, kind = 0): string {
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
  return `02:00:00:${hex(kind)}:${hex(vf >> 8)}:${hex(vf & 255)}`;
}

/** All seven attributes that netdevsim has, different from VF to VF. */
export function full(vf: number): Required<Omit<VfState, 'vf' | 'nodeGuid' | 'portGuid' | 'stats'>> {
  return {
    mac: macOf(vf),
    vlan: { id: 1 + (vf % 4095), qos: vf % 8, proto: vf % 2 === 0 ? '802.1Q' : '802.1ad' },
    rate: { min: vf, max: 10_000 + vf },
    spoofCheck: vf % 2 === 0,
    linkState: (['enable', 'disable', 'auto'] as const)[vf % 3] as 'auto',
    rssQuery: vf % 3 === 0,
    trust: vf % 5 === 0,
  };
}

/** What clears all of {@link full}. */
export const CLEARED = {
  mac: null,
  vlan: null,
  rate: null,
  spoofCheck: null,
  linkState: null,
  rssQuery: null,
  trust: null,
} as const;

/** What a VF shows once it is cleared. */
export const CLEAN = {
  mac: '00:00:00:00:00:00',
  vlan: null,
  rate: { min: 0, max: 0 },
  spoofCheck: false,
  linkState: 'auto',
  rssQuery: false,
  trust: false,
} as const;

/** The VFs as they are, as plain objects. */
export function read(pf: PhysicalFunction): VfState[] {
  return pf.readVfsSync().toConfigs();
}

/** Clears all that netdevsim has, of every VF. */
export function clear(pf: PhysicalFunction): void {
  const { failures } = pf.programVfsSync(
    each(pf.numVfs() ?? 0, () => CLEARED),
    UNCUT,
  );
  if (failures.length > 0) throw new Error(failures[0]?.message);
}
