/**
 * `binding:vnic_type`: how a port wants to reach the network.
 *
 * Owns the words and the spellings of 2014. Which of them are bound here is the business of `request.ts`.
 */
import { suggestion } from '../suggest.ts';
import { ContractError } from './contract/error.ts';

/** All of today's Neutron (neutron-lib, api/definitions/portbindings.py). */
export const VNIC_TYPES = [
  'normal',
  'direct',
  'macvtap',
  'baremetal',
  'direct-physical',
  'virtio-forwarder',
  'smart-nic',
  'vdpa',
  'accelerator-direct',
  'accelerator-direct-physical',
  'remote-managed',
] as const;

export type VnicType = (typeof VNIC_TYPES)[number];

/**
 * Reads a vnic type. Absent and null are `normal`, since sources without ML2 know no vnic type (Nova once crashed
 * on them); so is `virtio`, its name in the design of 2014.
 *
 * @throws ContractError - any other word, with the nearest known one
 */
export function parseVnicType(value: unknown): VnicType {
  if (value === undefined || value === null || value === 'virtio') return 'normal';
  const known = VNIC_TYPES.find((type) => type === value);
  if (known !== undefined) return known;
  const message =
    typeof value === 'string'
      ? `${JSON.stringify(value.slice(0, 48))} is not known; ${suggestion(value.slice(0, 48), VNIC_TYPES)}`
      : `must be one of ${VNIC_TYPES.join(', ')}`;
  throw new ContractError('port', [{ path: 'binding:vnic_type', message }]);
}
