/**
 * `binding:vif_details`: what a port has got, for those that plug it.
 */

export interface VifDetails {
  readonly port_filter?: boolean;
  readonly connectivity?: 'l2' | 'l3' | 'legacy';
  /** VLAN id as text; `"0"` on a flat network. */
  readonly vlan?: string;
  readonly profileid?: string;
  readonly physical_network?: string;
  readonly mac_address?: string;
  readonly [key: string]: unknown;
}
