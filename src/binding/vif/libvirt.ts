/**
 * libvirt's XML for a VIF: the element that goes into a domain's `<devices>`. Pure.
 *
 * Owns which element it is and what stands in it (Nova, virt/libvirt/vif.py and designer.py; libvirt's
 * domaincommon.rng). Must never write what libvirt would read as something else than the binding says.
 */
import { parsePciAddress } from '../../pci/address.ts';
import { LibvirtRefusalError, type LibvirtRefusalReason } from './refusal.ts';
import type { HwVebVif, QbhVif, Vif } from './vif.ts';
import { element } from './xml.ts';

export interface LibvirtOptions {
  /** Name of the VF's network device now (`enp1s0f0v3`): needed by macvtap, ignored by all else. */
  readonly netDevice?: string;
  /**
   * Name of the macvtap device that stands on it already (`mvt-…`), as `Ports.bind` makes one: libvirt then opens that
   * rather than making a second one, which the kernel refuses in passthru mode. Absent = libvirt makes it.
   */
  readonly macvtap?: string;
}

/**
 * The `<interface>` of a VF, or the `<hostdev>` of a PF.
 *
 * `hw_veb`: `direct` is an interface of type `hostdev`, `macvtap` one of type `direct` in mode passthrough on the
 * VF's network device, or of type `ethernet` where the macvtap device is there already (libvirt 5.7, `managed="no"`). Both name the VLAN, since libvirt clears the VLAN of a VF when it is told none.
 * `hostdev_physical`: the function alone; MAC and VLAN can't be set on it. `802.1qbh`: a `virtualport` with
 * the profile's id, and no VLAN, which is the switch's.
 *
 * The domain of a PCI address may have 32 bits (Intel VMD), as in libvirt's schema.
 *
 * @throws LibvirtRefusalError - libvirt can't plug it, or would plug it otherwise than it is bound; `reason` says why
 */
export function libvirtInterfaceXml(vif: Vif, options: LibvirtOptions = {}): string {
  switch (vif.type) {
    case 'hw_veb':
      return vfInterface(vif, options, vlan(vif));
    case '802.1qbh':
      return vfInterface(vif, options, virtualPort(vif));
    case 'hostdev_physical': {
      const attributes = { mode: 'subsystem', type: 'pci', managed: 'yes' };
      return element('hostdev', attributes, [element('source', {}, [element('address', pciAddress(vif))])]);
    }
    default:
      return refuse(
        vif,
        'VIF_TYPE',
        vif.type === 'unbound' || vif.type === 'binding_failed'
          ? 'it has no function; bind it first'
          : 'it is none of hw_veb, hostdev_physical and 802.1qbh; have the one plug it that bound it',
      );
  }
}

function vfInterface(vif: HwVebVif | QbhVif, options: LibvirtOptions, network: string[]): string {
  const mac = element('mac', { address: unicastMac(vif) });
  switch (vif.vnic_type) {
    case 'direct':
    case 'accelerator-direct': {
      const source = element('source', {}, [element('address', { type: 'pci', ...pciAddress(vif) })]);
      return element('interface', { type: 'hostdev', managed: 'yes' }, [mac, source, ...network]);
    }
    case 'macvtap': {
      const model = element('model', { type: 'virtio' });
      if (options.macvtap !== undefined) {
        const target = element('target', { dev: deviceName(vif, options.macvtap), managed: 'no' });
        return element('interface', { type: 'ethernet' }, [mac, target, model]);
      }
      const source = element('source', { dev: deviceName(vif, options.netDevice), mode: 'passthrough' });
      return element('interface', { type: 'direct' }, [mac, source, model, ...network]);
    }
    default:
      return refuse(vif, 'VNIC_TYPE', `a VF is plugged as direct or macvtap, not as ${vif.vnic_type}`);
  }
}

function vlan(vif: HwVebVif): string[] {
  const { qinq, vlan_qos: qos } = vif.network.meta;
  if (qinq) {
    const why = 'libvirt sets VLANs of VFs by 802.1Q only and would replace the 802.1ad tag';
    return refuse(vif, 'VLAN', `${why}; plug the VF as a plain <hostdev>, which leaves its VLAN alone`);
  }
  if (qos !== 0) {
    const why = `libvirt sets VLANs of VFs with priority 0 and would replace priority ${qos}`;
    return refuse(vif, 'VLAN', `${why}; plug the VF as a plain <hostdev>, or use priority 0`);
  }
  const id: unknown = vif.details.vlan;
  if (typeof id !== 'string' || !/^(0|[1-9]\d{0,3})$/.test(id) || Number(id) > 4094) {
    const why = `vif_details.vlan must be text from "0" to "4094", not ${JSON.stringify(id)}`;
    return refuse(vif, 'VLAN', `${why}; bind it anew`);
  }
  return id === '0' ? [] : [element('vlan', {}, [element('tag', { id })])];
}

/** libvirt's limit (networkcommon.rng, virtualPortProfileID); no controls nor half pairs, which XML can't hold. */
const PROFILE_ID = /^[^\p{Cc}\p{Cs}\uFFFE\uFFFF]{1,39}$/u;

function virtualPort(vif: QbhVif): string[] {
  const id = vif.details.profileid;
  if (typeof id !== 'string' || !PROFILE_ID.test(id)) {
    const why = `vif_details.profileid must be text of 1 to 39 characters without controls, not ${JSON.stringify(id)}`;
    return refuse(vif, 'PROFILE_ID', `${why}; correct the tag profileid of its device spec`);
  }
  return [element('virtualport', { type: '802.1Qbh' }, [element('parameters', { profileid: id })])];
}

function pciAddress(vif: Vif): Record<string, string> {
  const slot = vif.profile.pci_slot;
  if (slot === undefined) {
    return refuse(
      vif,
      'PCI_SLOT',
      'its profile has no pci_slot; libvirt finds a function by its PCI address',
    );
  }
  try {
    const { domain, bus, device, function: number } = parsePciAddress(slot);
    return { domain: hex(domain, 4), bus: hex(bus, 2), slot: hex(device, 2), function: hex(number, 1) };
  } catch (error) {
    return refuse(vif, 'PCI_SLOT', error instanceof Error ? error.message : String(error));
  }
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function unicastMac(vif: Vif): string {
  const { address } = vif;
  if (address !== null && /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(address)) return address;
  const why = `its MAC must be that of one station (02:00:00:00:00:01), not ${JSON.stringify(address)}`;
  return refuse(vif, 'MAC', `${why}; without one libvirt makes one up`);
}

/** What both the kernel and libvirt's schema take as a name. */
function deviceName(vif: Vif, name: string | undefined): string {
  if (name !== undefined && /^[\w.\-\\:]{1,15}$/.test(name)) return name;
  const why = `macvtap needs the name of the VF's network device, not ${JSON.stringify(name)}`;
  return refuse(vif, 'NET_DEVICE', `${why}; bind a driver to the VF and pass netDevice`);
}

function refuse(vif: Vif, reason: LibvirtRefusalReason, why: string): never {
  throw new LibvirtRefusalError(vif, reason, why);
}
