/**
 * A server's port in OpenStack's words. Owns what of it goes to the agent, and what an answer means.
 */
import { AgentRefusedError, AgentUnreachableError } from 'sriov/agent';

/**
 * @typedef {Record<string, unknown> & { readonly id: string, status?: string }} FlatPort as Neutron shows it
 * @typedef {import('sriov/agent').PortAnswer} PortAnswer
 */

/** @type {readonly FlatPort[]} */
export const TWO_PORTS = [
  {
    id: 'web-1',
    mac_address: 'fa:16:3e:00:00:01',
    device_owner: 'compute:nova',
    device_id: 'instance-1',
    'binding:vnic_type': 'direct',
    network: { network_type: 'vlan', segmentation_id: 100 },
  },
  {
    id: 'web-2',
    mac_address: 'fa:16:3e:00:00:02',
    device_owner: 'compute:nova',
    device_id: 'instance-2',
    'binding:vnic_type': 'direct',
    'binding:profile': { trusted: true },
    network: { network_type: 'vlan', segmentation_id: 200 },
  },
];

/** @param {FlatPort} port */
export function isBound(port) {
  return !['unbound', 'binding_failed', undefined].includes(
    /** @type {string | undefined} */ (port['binding:vif_type']),
  );
}

/**
 * @param {string} vifType
 * @param {string | null} place
 */
export function shown(vifType, place) {
  return place === null ? `is ${vifType}` : `is ${vifType} at ${place}`;
}

/**
 * What the server says of a port; what binding made of it is the agent's to say.
 *
 * @param {FlatPort} port
 */
export function asRequest(port) {
  const { status: _status, 'binding:vif_type': _type, 'binding:vif_details': _details, ...asked } = port;
  return asked;
}

/**
 * Of a request by which no port was bound.
 *
 * @param {unknown} error
 * @returns {readonly PortAnswer[] | undefined}
 */
export function refusedPorts(error) {
  if (!(error instanceof AgentRefusedError) || error.code !== 'SRIOV_BINDING_FAILED') return undefined;
  return /** @type {{ ports: readonly PortAnswer[] }} */ (error.details['report']).ports;
}

/** @param {unknown} error */
export function isPassing(error) {
  return (
    error instanceof AgentUnreachableError || (error instanceof AgentRefusedError && error.status === 503)
  );
}
