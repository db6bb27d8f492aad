/**
 * A source that knows SR-IOV's words, as Neutron's ML2 does: what its ports say counts, and the mixin fills in what
 * they leave out.
 */
import { withSriovPort } from '../../src/binding/mixin.ts';
import type { Store } from '../../src/store/store.ts';

interface Ml2Port {
  readonly id: string;
  readonly 'binding:vnic_type'?: string | null;
  readonly 'binding:profile'?: Readonly<Record<string, unknown>> | null;
}

export async function runMl2Source(store: Store, print: (line: string) => void): Promise<void> {
  const sriov = withSriovPort<Ml2Port>(store, {
    id: (port) => port.id,
    vnicType: (port) => port['binding:vnic_type'],
    profile: (port) => port['binding:profile'],
  });
  const direct: Ml2Port = {
    id: 'ml2-1',
    'binding:vnic_type': 'direct',
    'binding:profile': { trusted: true },
  };
  const old: Ml2Port = { id: 'ml2-2', 'binding:vnic_type': 'virtio', 'binding:profile': null };
  for (const port of [direct, old]) {
    const { vnic_type, profile } = await sriov.load(port);
    print(`${port.id}: ${vnic_type} ${JSON.stringify(profile)}`);
  }
  const { revision } = await sriov.load(old);
  await sriov.save(old, { profile: { physical_network: 'physnet1' } }, revision);
  print(`ml2-2, later: ${JSON.stringify((await sriov.load(old)).profile)}`);
}
