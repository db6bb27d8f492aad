/**
 * The MAC of a port that has a whole PF: nobody can give a PF another one, so the port takes the PF's.
 *
 * Owns the swap and the way back (Neutron, plugins/ml2/plugin.py, for `direct-physical`). Neutron makes a new MAC
 * up when the PF is gone; here the port gets back its own.
 */
import type { PortRecord } from '../record.ts';
import { activeBinding } from './state.ts';

/** The record with the MAC that follows from its active binding. An inactive one has no say. */
export function settleMac(record: PortRecord): PortRecord {
  const active = activeBinding(record);
  const device =
    active?.vnic_type === 'direct-physical' && active.place !== null
      ? active.profile.device_mac_address?.toLowerCase()
      : undefined;
  if (device !== undefined) {
    const own_mac = record.own_mac === undefined ? (record.port.mac_address ?? null) : record.own_mac;
    if (record.port.mac_address === device && record.own_mac !== undefined) return record;
    return { ...record, port: { ...record.port, mac_address: device }, own_mac };
  }
  if (record.own_mac === undefined) return record;
  const { own_mac: own, port, ...rest } = record;
  const { mac_address: _, ...bare } = port;
  // A spread of an indexed type loses the names of its keys.
  const back = (own === null ? bare : { ...bare, mac_address: own }) as PortRecord['port'];
  return { ...rest, port: back };
}
