/** Requests and functions to live through. */
import type { Bound } from '../../../../src/binding/bound.ts';
import type { Port, PortRequest } from '../../../../src/binding/port.ts';
import { fillBinding, requestBinding } from '../../../../src/binding/life/binding.ts';
import { LifeError } from '../../../../src/binding/life/errors.ts';
import type { BindingProfile } from '../../../../src/binding/profile.ts';
import type { PortRecord } from '../../../../src/binding/record.ts';

export type Changes = Partial<Omit<PortRequest, 'port'>> & { readonly port?: Partial<Port> };

export const AT = '2026-01-01T00:00:00.000Z';
export const PF_MAC = '02:00:00:00:00:ff';

export function makeRequest({ port, ...rest }: Changes = {}): PortRequest {
  return {
    port: {
      id: 'p',
      mac_address: '02:00:00:00:00:01',
      admin_state_up: true,
      port_security_enabled: true,
      propagate_uplink_status: true,
      numa_affinity_policy: null,
      device_owner: 'compute:nova',
      device_id: 'i',
      qos_rules: [],
      ...port,
    },
    network: {
      network_type: 'vlan',
      physical_network: 'physnet1',
      segmentation_id: 100,
      qinq: false,
      vlan_qos: 0,
    },
    vnic_type: 'direct',
    profile: {},
    ...rest,
  };
}

/** What `bind` gives for a VF, or for a PF. */
export function makeBound(asked: BindingProfile = {}, vf: number | null = 3): Bound {
  const keys =
    vf === null
      ? { device_mac_address: PF_MAC }
      : { vf_num: vf, pf_mac_address: PF_MAC, capabilities: ['x'] };
  const profile = { ...asked, pci_slot: '0000:03:00.3', physical_network: 'physnet1', ...keys };
  return {
    place: { pf: '0000:03:00.0', vf },
    vif_type: vf === null ? 'hostdev_physical' : 'hw_veb',
    vif_details: { port_filter: false, connectivity: 'l2', vlan: '100' },
    profile,
    added_keys: Object.keys(profile).filter((key) => !(key in asked)),
    status: vf === null ? 'ACTIVE' : 'DOWN',
  };
}

export function makeBoundRecord(changes: Changes = {}, vf: number | null = 3, host = 'a'): PortRecord {
  const request = makeRequest(changes);
  return fillBinding(requestBinding(undefined, request, host), host, makeBound(request.profile, vf));
}

/** `404 SRIOV_NO_BINDING` of what is thrown; else `done`. */
export function answer(step: () => unknown): string {
  try {
    step();
    return 'done';
  } catch (error) {
    if (!(error instanceof LifeError)) throw error;
    return `${error.status} ${error.code}`;
  }
}
