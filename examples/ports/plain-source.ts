/**
 * A source that has never heard of vnic types: rows of a table with a UUID and a MAC. Its ports are `normal` until
 * someone says otherwise, and what he says outlives the table's own saving and loading.
 */
import { withSriovPort } from '../../src/binding/mixin.ts';
import type { Store } from '../../src/store/store.ts';

interface Row {
  readonly uuid: string;
  readonly mac: string;
}

export async function runPlainSource(store: Store, print: (line: string) => void): Promise<void> {
  const sriov = withSriovPort<Row>(store, { id: (row) => row.uuid });
  const row: Row = { uuid: 'row-7', mac: '02:00:00:00:00:07' };
  const before = await sriov.load(row);
  print(`row-7: ${before.vnic_type} ${JSON.stringify(before.profile)}`);
  const wish = { vnic_type: 'direct', profile: { physical_network: 'physnet1' } } as const;
  await sriov.save(row, wish, before.revision);
  const again = JSON.parse(JSON.stringify(row)) as Row;
  const after = await sriov.load(again);
  print(`row-7, saved and loaded by its source: ${after.vnic_type} ${JSON.stringify(after.profile)}`);
  try {
    await sriov.save(again, { vnic_type: 'macvtap' }, before.revision);
  } catch (error) {
    print(`with what was read at first: ${(error as { readonly code?: string }).code}`);
  }
  await sriov.forget(again);
  print(`deleted: ${(await sriov.load(again)).vnic_type}`);
}
