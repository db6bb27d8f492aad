/**
 * How a VF is to be set up for a port.
 *
 * Owns the translation from the port's words to {@link VfConfig}; knows neither what the VF is like now nor
 * whether it may be had.
 */
import type { VfAttribute, VfConfig } from '../vf/config.ts';
import { vfLinkState } from './link-state.ts';
import type { Network, Port } from './port.ts';
import type { BindingProfile } from './profile.ts';
import { vfRate } from './rate.ts';
import { vfVlan } from './segment.ts';
import type { VifType } from './vif-type.ts';

/**
 * The settings of VF `vf` for a port that is bound to it.
 *
 * All six attributes are named, off and none among them, so that nothing of the port before stays: a VF that was
 * trusted is so no longer. `mac` alone is left as it is when the port has none. An attribute that the driver
 * `lacks` is left out when the port wants it off, none or auto; when the port needs it, it stays, and setting it
 * fails rather than being forgotten (`bind` refuses such a VF beforehand).
 *
 * On a `802.1qbh` VF only the MAC is ours: VLAN, rates and all else are those of the switch's port profile.
 *
 * @throws InvalidConfigError - QoS rules that contradict each other; `refuseRequest` finds these without throwing
 */
export function wantedConfig(
  port: Port,
  network: Network,
  profile: BindingProfile,
  vf: number,
  lacks: readonly VfAttribute[] = [],
  vifType: VifType = 'hw_veb',
): VfConfig {
  const mac = port.mac_address === undefined ? {} : { mac: port.mac_address };
  if (vifType === '802.1qbh') return { vf, ...mac };
  const vlan = vfVlan(network);
  const rate = vfRate(port.qos_rules);
  const spoofCheck = port.port_security_enabled;
  const linkState = vfLinkState(port);
  const trust = profile.trusted === true;
  const has = (attribute: VfAttribute, needed: boolean): boolean => needed || !lacks.includes(attribute);
  return {
    vf,
    ...mac,
    ...(has('vlan', vlan !== null) && { vlan }),
    ...(has('rate', rate !== null) && { rate }),
    ...(has('spoofCheck', spoofCheck) && { spoofCheck }),
    ...(has('linkState', linkState !== 'auto') && { linkState }),
    ...(has('trust', trust) && { trust }),
  };
}

/** The attributes that a port can't do without, in the order of {@link VfConfig}'s attributes in the kernel. */
export function neededAttributes(port: Port, network: Network, profile: BindingProfile): VfAttribute[] {
  const all: readonly (readonly [VfAttribute, boolean])[] = [
    ['mac', port.mac_address !== undefined],
    ['vlan', vfVlan(network) !== null],
    ['rate', vfRate(port.qos_rules) !== null],
    ['spoofCheck', port.port_security_enabled],
    ['linkState', vfLinkState(port) !== 'auto'],
    ['trust', profile.trusted === true],
  ];
  return all.filter(([, needed]) => needed).map(([attribute]) => attribute);
}
