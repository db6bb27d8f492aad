/**
 * Whether a function suits a port, and if not, why.
 *
 * Owns the reasons and their order: what can never suit comes before what others have just now, so that a full
 * host says TAKEN of those that would have done.
 */
import type { VfAttribute } from '../vf/config.ts';
import type { Ask } from './ask.ts';
import { tagsMatch } from './device-spec/tags.ts';
import { numaFault } from './numa.ts';
import { networkFault } from './physical-network.ts';
import type { Refusal, RefusalCode } from './refusal.ts';
import type { Kind, PfStock, VfStock } from './stock.ts';

/** A refusal before it is known of which function. */
export interface Reason {
  readonly code: RefusalCode;
  readonly why: string;
  readonly detail?: Refusal['detail'];
}

export function refusalOf(place: string, { code, why, detail }: Reason): Refusal {
  return { code, place, message: `${place}: ${why}`, ...(detail && { detail }) };
}

/** Why no function of this kind suits; undefined = all do. */
export function unsuitable(kind: Kind, ask: Ask): Reason | undefined {
  return (
    switchdev(kind) ??
    requested(kind, ask) ??
    available(kind, ask) ??
    networkFault(kind, ask) ??
    trustworthy(kind, ask) ??
    shaped(kind, ask) ??
    settable(kind, ask) ??
    near(kind, ask)
  );
}

/** Why a VF can't be had just now; undefined = it can. A port's own VF is no obstacle to it. */
export function vfOccupied({ lot, vf, owner }: VfStock, port: string): Reason | undefined {
  if (owner === port) return undefined;
  if (lot.of.owner !== null) {
    const why = `port ${lot.of.owner} has its whole PF; release that port, or take a VF of another PF`;
    return { code: 'PF_HAS_VFS', why, detail: { port: lot.of.owner } };
  }
  return takenBy(owner) ?? inUseBy(vf.inUse);
}

/** Why a PF can't be had as a whole just now; undefined = it can. */
export function pfOccupied({ pf, vfs, owner, held }: PfStock, port: string): Reason | undefined {
  if (owner === port) return undefined;
  const taken = takenBy(owner);
  if (taken !== undefined) return taken;
  if (held > 0) {
    const ports = vfs.flatMap((vf) => (vf.owner === null ? [] : [vf.owner]));
    const more = held > 1 ? `, and ${held - 1} more in the same way` : '';
    const why = `port ${ports[0]} has a VF of it${more}; release that first, or take another PF`;
    return { code: 'PF_HAS_VFS', why, detail: { ports } };
  }
  return inUseBy(pf.inUse) ?? inUseBy(vfs.find(({ vf }) => vf.inUse !== null)?.vf.inUse ?? null);
}

function takenBy(port: string | null): Reason | undefined {
  if (port === null) return undefined;
  return { code: 'TAKEN', why: `port ${port} has it; release that port to free it`, detail: { port } };
}

function inUseBy(use: string | null): Reason | undefined {
  if (use === null) return undefined;
  return { code: 'IN_USE', why: `it is used outside of port bindings (${use}); end that use first` };
}

function switchdev({ pf }: Kind): Reason | undefined {
  if (!pf.switchdev) return undefined;
  const why = `PF ${pf.device} is in switchdev mode, where Open vSwitch or OVN binds VFs; set its eswitch to legacy mode`;
  return { code: 'SWITCHDEV', why };
}

function requested({ vendorProduct }: Kind, ask: Ask): Reason | undefined {
  if (ask.vendorProduct === undefined || vendorProduct === ask.vendorProduct) return undefined;
  const what = vendorProduct ?? 'no PCI function';
  const why = `it is ${what}, and the profile asks for pci_vendor_info ${ask.vendorProduct}; correct or remove that key`;
  return { code: 'NOT_REQUESTED', why };
}

function available({ excluded, spec, pf }: Kind, { type }: Ask): Reason | undefined {
  if (excluded) {
    return { code: 'EXCLUDED', why: `it is in the exclude list of ${pf.device}; remove it there to use it` };
  }
  if (spec === null) {
    return { code: 'NOT_AVAILABLE', why: 'no device spec matches it; add one to make it available to ports' };
  }
  if (type === 'direct' || profileId(spec) === undefined) return undefined;
  const why = `a port profile of the switch sets it up (802.1Qbh, tag profileid), which ${type} ports can't use; ask for direct`;
  return { code: 'NOT_AVAILABLE', why };
}

function trustworthy({ spec }: Kind, { trusted }: Ask): Reason | undefined {
  if (!trusted || !spec || tagsMatch({ trusted: true }, spec)) return undefined;
  const why =
    'the port asks to be trusted, and its device spec has no tag trusted=true; add it, or drop trusted';
  return { code: 'NOT_TRUSTED', why };
}

function shaped({ hasNetDevice }: Kind, { type }: Ask): Reason | undefined {
  if (type !== 'macvtap' || hasNetDevice) return undefined;
  const why =
    'macvtap stands on the network device of a VF, and it has none here; bind its network driver, or ask for direct';
  return { code: 'NO_NET_DEVICE', why };
}

const WAY_OUT: Readonly<Partial<Record<VfAttribute, string>>> = {
  mac: 'leave out mac_address',
  vlan: 'use a flat network',
  rate: 'drop the QoS policy',
  spoofCheck: 'set port_security_enabled=false',
  linkState: 'set admin_state_up=true and propagate_uplink_status=true',
  trust: 'drop trusted from the profile',
};

function settable({ pf, spec }: Kind, { needs }: Ask): Reason | undefined {
  if (spec && profileId(spec) !== undefined) return undefined;
  const missing = needs.filter((attribute) => pf.lacks.includes(attribute));
  if (missing.length === 0) return undefined;
  const ways = missing.map((attribute) => WAY_OUT[attribute]).join(', ');
  const why = `the port needs ${missing.join(', ')}, which driver ${pf.driver ?? '(none)'} of ${pf.device} does not offer for VFs; ${ways}, or use another NIC`;
  return { code: 'ATTRIBUTE', why, detail: { attributes: missing } };
}

function near({ pf }: Kind, { request, numaNode }: Ask): Reason | undefined {
  const why = numaFault(request.port.numa_affinity_policy, numaNode, pf.numaNode);
  if (why === undefined) return undefined;
  return { code: 'NUMA', why, detail: { numa_node: pf.numaNode, wanted: numaNode } };
}

/**
 * The 802.1Qbh port profile of a device spec's tag `profileid`; undefined = the VF is set up by its PF.
 *
 * The user never names it: in the 2014 design the mechanism that knows the NIC returns it, and here the operator
 * says it where he says which NICs there are.
 */
export function profileId(spec: Kind['spec']): string | undefined {
  const id = spec?.tags['profileid'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}
