/**
 * `binding:profile`: what a port's SR-IOV interface is to be like, and which one it is.
 */

/** Keys in use by Nova and Neutron; others are kept. */
export interface BindingProfile {
  readonly pci_vendor_info?: string;
  readonly pci_slot?: string;
  readonly physical_network?: string;
  readonly pf_mac_address?: string;
  readonly vf_num?: number;
  readonly card_serial_number?: string;
  readonly capabilities?: readonly string[];
  readonly device_mac_address?: string;
  readonly trusted?: boolean;
  readonly migrating_to?: string;
  readonly [key: string]: unknown;
}
