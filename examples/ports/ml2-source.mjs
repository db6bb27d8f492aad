/**
 * A source that knows SR-IOV's words, as Neutron's ML2 does: what its ports say counts, and the mixin fills in what
 * they leave out.
 *
 *     node examples/ports/ml2-source.mjs [STORE]
 */
import { withSriovPort } from 'sriov/binding';
import { withStore } from './with-store.mjs';

/**
 * @typedef {{
 *   readonly id: string,
 *   readonly 'binding:vnic_type'?: string | null,
 *   readonly 'binding:profile'?: Readonly<Record<string, unknown>> | null,
 * }} Ml2Port a port as the source has it
 */

await withStore(async (store) => {
  const sriov = withSriovPort(store, {
    id: (/** @type {Ml2Port} */ port) => port.id,
    vnicType: (port) => port['binding:vnic_type'],
    profile: (port) => port['binding:profile'],
  });
  /** @type {Ml2Port} */
  const direct = { id: 'ml2-1', 'binding:vnic_type': 'direct', 'binding:profile': { trusted: true } };
  /** @type {Ml2Port} */
  const old = { id: 'ml2-2', 'binding:vnic_type': 'virtio', 'binding:profile': null };
  for (const port of [direct, old]) {
    const { vnic_type, profile } = await sriov.load(port);
    console.log(`${port.id}: ${vnic_type} ${JSON.stringify(profile)}`);
  }
  const { revision } = await sriov.load(old);
  await sriov.save(old, { profile: { physical_network: 'physnet1' } }, revision);
  console.log(`ml2-2, later: ${JSON.stringify((await sriov.load(old)).profile)}`);
});
