/**
 * The host as one look at a PF uses it: every request counted, repairs not read back.
 *
 * Owns the count of one look. A repair is not read back since the kernel's acknowledgement is the driver's own, and
 * the same settings were read back when the port was bound; should the driver not keep them, the next look says so.
 */
import { isDeepStrictEqual } from 'node:util';
import type { VfHost } from '../../port/host.ts';
import { VF_ATTRIBUTES, type VfConfig, type VfState } from '../../vf/config.ts';

export interface LookCount {
  dumps: number;
  messages: number;
  /** Attributes that were set though the VF had been read to have them so. */
  healthyWrites: number;
}

export function lookHost(host: VfHost): { readonly host: VfHost; readonly count: LookCount } {
  const count: LookCount = { dumps: 0, messages: 0, healthyWrites: 0 };
  const seen = new Map<string, readonly VfState[]>();
  return {
    count,
    host: {
      name: host.name,
      bootId: host.bootId,
      inventory: () => host.inventory(),
      generation: (place) => host.generation(place),
      async read(pf) {
        count.dumps++;
        const states = await host.read(pf);
        seen.set(pf, states);
        return states;
      },
      async program(pf, configs) {
        count.healthyWrites += needless(configs, seen.get(pf) ?? []);
        const report = await host.program(pf, configs, { verify: false });
        count.messages += report.messages - report.reads;
        count.dumps += report.reads;
        return report;
      },
      netDevice: (place) => host.netDevice(place),
      setNetDevice: (place, want) => host.setNetDevice(place, want),
      createMacvtap: (place, name) => host.createMacvtap(place, name),
      removeMacvtap: (place, name) => host.removeMacvtap(place, name),
    },
  };
}

function needless(configs: readonly VfConfig[], states: readonly VfState[]): number {
  const byVf = new Map(states.map((state) => [state.vf, state]));
  let needlessly = 0;
  for (const config of configs) {
    const state = byVf.get(config.vf);
    for (const attribute of VF_ATTRIBUTES) {
      const wanted = config[attribute];
      if (wanted === undefined || state?.[attribute] === undefined) continue;
      if (isDeepStrictEqual(wanted, state[attribute])) needlessly++;
    }
  }
  return needlessly;
}
