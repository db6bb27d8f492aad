/**
 * The interface of a guest for a bound port. Loaded only when it is asked for.
 *
 * Owns the way from the record to libvirt's XML, and nothing of the XML.
 */
import { buildVif } from '../../binding/vif/build.ts';
import { libvirtInterfaceXml } from '../../binding/vif/libvirt.ts';
import type { BindingRecord, PortRecord } from '../../binding/record.ts';
import type { PortsSession } from './session.ts';

/** @throws LibvirtRefusalError - libvirt can't plug it; it says why */
export async function interfaceXml(
  { port, network, status }: PortRecord,
  binding: BindingRecord,
  { vfHost }: PortsSession,
): Promise<string> {
  const vif = buildVif({ port, network, binding, status });
  if (binding.vnic_type !== 'macvtap' || binding.place === null) return libvirtInterfaceXml(vif);
  const device = await vfHost.netDevice(binding.place);
  const macvtap = device?.uppers[0]?.name;
  return libvirtInterfaceXml(vif, {
    ...(device && { netDevice: device.name }),
    ...(macvtap !== undefined && { macvtap }),
  });
}
