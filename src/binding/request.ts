/**
 * What can be said of a request before any function is looked at.
 *
 * Owns the refusals that hold for every host, and the names of those who bind what we do not.
 */
import { InvalidConfigError } from '../errors.ts';
import type { PortRequest } from './port.ts';
import { vfRate } from './rate.ts';
import type { Refusal, RefusalCode } from './refusal.ts';
import { segmentFault } from './segment.ts';
import type { VnicType } from './vnic-type.ts';

/** The vnic types that are bound to SR-IOV functions here. */
export type OurVnicType = 'direct' | 'macvtap' | 'direct-physical';

/** Neutron (doc/source/admin, plugins/ml2/drivers) and Nova (network/model.py) have others for these. */
const OTHERS: Readonly<Record<Exclude<VnicType, OurVnicType | 'normal'>, string>> = {
  baremetal: 'bare metal ports are bound by the driver of their switch',
  'virtio-forwarder': 'a virtio forwarder is bound by the Open vSwitch of its SmartNIC',
  'smart-nic': 'the ports of a SmartNIC are bound by the Open vSwitch that runs on it',
  vdpa: 'vDPA is bound by Open vSwitch or OVN over a PF in switchdev mode',
  'accelerator-direct': "its VF comes from Cyborg's accelerator request, not from this host's choice",
  'accelerator-direct-physical':
    "its function comes from Cyborg's accelerator request, not from this host's choice",
  'remote-managed': 'a port that a DPU manages is bound by OVN on that DPU',
};

export function isOurs(type: VnicType): type is OurVnicType {
  return type === 'direct' || type === 'macvtap' || type === 'direct-physical';
}

/**
 * Why no function of any host can serve this request; undefined = nothing speaks against it so far.
 *
 * Ingress rules are refused, not left out as Neutron's agent does: the port would look limited and not be.
 */
export function refuseRequest(request: PortRequest): Refusal | undefined {
  const { port, network, vnic_type: type, profile } = request;
  const refuse = (code: RefusalCode, why: string, detail?: Refusal['detail']): Refusal => ({
    code,
    message: `port ${port.id}: ${why}`,
    ...(detail && { detail }),
  });
  if (type === 'normal') {
    return refuse(
      'NOT_OURS',
      'vnic type normal is bound by the virtual switch (Open vSwitch, OVN, bridge); ask for direct, macvtap or direct-physical to have an SR-IOV function',
    );
  }
  if (!isOurs(type)) {
    const why = `vnic type ${type} is not bound here: ${OTHERS[type]}; ask for direct, macvtap or direct-physical`;
    return refuse('VNIC_TYPE', why, { vnic_type: type });
  }
  if (profile.capabilities?.includes('switchdev') === true) {
    return refuse(
      'SWITCHDEV',
      'the profile asks for the capability switchdev, which Open vSwitch or OVN binds; remove it from capabilities to have a VF without a representor',
    );
  }
  const fault = segmentFault(network);
  if (fault !== undefined) return refuse(fault.code, fault.message, { network_type: network.network_type });
  return refuseRates(request, refuse);
}

function refuseRates(
  { port, vnic_type: type }: PortRequest,
  refuse: (code: RefusalCode, why: string, detail?: Refusal['detail']) => Refusal,
): Refusal | undefined {
  const detail = { attributes: ['rate'] };
  if (port.qos_rules.some(({ direction }) => direction === 'ingress')) {
    const why =
      'its QoS policy has ingress rules, and a VF has no rate for what it receives; use a policy of egress rules';
    return refuse('ATTRIBUTE', why, detail);
  }
  try {
    if (vfRate(port.qos_rules) === null || type !== 'direct-physical') return undefined;
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    return refuse('ATTRIBUTE', error.message, detail);
  }
  const why =
    'it is to have a whole PF, whose rate nobody on this host can limit; drop the QoS policy or ask for direct';
  return refuse('ATTRIBUTE', why, detail);
}
