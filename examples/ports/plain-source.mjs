/**
 * A source that has never heard of vnic types: rows of a table with a UUID and a MAC. Its ports are `normal` until
 * someone says otherwise, and what he says outlives the table's own saving and loading.
 *
 *     node examples/ports/plain-source.mjs [STORE]
 */
import { StoreConflictError, withSriovPort } from 'sriov/binding';
import { withStore } from './with-store.mjs';

/**
 * A port as the source has it.
 *
 * @typedef {object} Row
 * @property {string} uuid
 * @property {string} mac
 */

await withStore(async (store) => {
  const sriov = withSriovPort(store, { id: (/** @type {Row} */ row) => row.uuid });
  const row = { uuid: 'row-7', mac: '02:00:00:00:00:07' };
  const before = await sriov.load(row);
  console.log(`row-7: ${before.vnic_type} ${JSON.stringify(before.profile)}`);
  const profile = { physical_network: 'physnet1' };
  await sriov.save(row, { vnic_type: 'direct', profile }, before.revision);
  /** @type {Row} */
  const again = JSON.parse(JSON.stringify(row));
  const after = await sriov.load(again);
  console.log(`row-7, saved and loaded by its source: ${after.vnic_type} ${JSON.stringify(after.profile)}`);
  try {
    await sriov.save(again, { vnic_type: 'macvtap' }, before.revision);
  } catch (error) {
    if (!(error instanceof StoreConflictError)) throw error;
    console.log(`with what was read at first: ${error.code}`);
  }
  await sriov.forget(again);
  console.log(`deleted: ${(await sriov.load(again)).vnic_type}`);
});
