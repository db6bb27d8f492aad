/**
 * The link state of a VF from the administrative state of its port.
 *
 * Owns the precedence alone.
 */
import type { VfLinkState } from '../vf/config.ts';
import type { Port } from './port.ts';

/**
 * A port that is down has no link, whatever else it says; else the link follows the PF's, or with
 * `propagate_uplink_status` false is always up. Source: Neutron's SR-IOV agent, where down wins over auto too.
 */
export function vfLinkState(port: Pick<Port, 'admin_state_up' | 'propagate_uplink_status'>): VfLinkState {
  if (!port.admin_state_up) return 'disable';
  return port.propagate_uplink_status ? 'auto' : 'enable';
}
