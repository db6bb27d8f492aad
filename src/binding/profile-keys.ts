/**
 * The keys of a profile that binding owns. Apart from the profile's schema, so that the life of a binding loads none.
 */

/**
 * Keys that name the function a port has got, and are removed when it is released (Nova, `_unbind_ports`).
 * `capabilities` goes too, but only when binding added it: a person may have asked for it.
 */
export const BINDING_PROFILE_KEYS = [
  'pci_vendor_info',
  'pci_slot',
  'allocation',
  'arq_uuid',
  'physical_network',
  'card_serial_number',
  'vf_num',
  'pf_mac_address',
  'device_mac_address',
] as const;
