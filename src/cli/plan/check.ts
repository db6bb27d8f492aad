/**
 * A plan held against the host: what would change, and whether it can.
 *
 * Owns the checks that come before the first change, so that a plan that cannot work changes nothing.
 * It reads; it never writes.
 */
import { InvalidConfigError, VfsExistError } from '../../errors.ts';
import type { PhysicalFunction } from '../../index.ts';
import type { VfTable } from '../../vf/table.ts';
import { type VfChange, listChanges } from '../changes.ts';
import type { Library } from '../library.ts';
import { formatVfList } from '../vf-list.ts';
import type { PlanPf } from './expand.ts';

/** What the plan means for one PF. */
export interface PfPlan {
  readonly pf: PhysicalFunction;
  readonly name: string;
  /** Present when the number of VFs has to change. */
  readonly numVfs?: { readonly from: number; readonly to: number };
  readonly changes: readonly VfChange[];
  /** What to send; undefined when nothing differs. */
  readonly delta: VfTable | undefined;
}

function checkCount(pf: PhysicalFunction, name: string, wanted: number | undefined, current: number): void {
  if (wanted === undefined || wanted === current) return;
  const total = pf.totalVfs();
  if (total !== undefined && wanted > total) {
    throw new InvalidConfigError(`${name}: numVfs ${wanted} is above ${total}, all that the device has`, {
      pf: name,
    });
  }
  if (current !== 0 && wanted !== 0) {
    throw new VfsExistError(
      `${name} has ${current} VFs and the plan wants ${wanted}; the kernel cannot change one into the other. ` +
        `If nobody uses the VFs, run "sriov numvfs ${name} ${wanted} --recreate" first`,
      { pf: name },
    );
  }
  if (current !== 0) {
    throw new VfsExistError(
      `${name} has ${current} VFs and the plan wants none; if nobody uses them, run "sriov numvfs ${name} 0" first`,
      { pf: name },
    );
  }
}

/** Refuses VFs that are not there, so that nothing is sent for those that are. The count may be unknown. */
export function checkVfNumbers(name: string, vfs: readonly number[], count: number | undefined): void {
  if (count === undefined) return;
  const beyond = vfs.filter((vf) => vf >= count);
  if (beyond.length === 0) return;
  const have = count === 0 ? `has no VFs; "sriov numvfs ${name} N" creates them` : `has VFs 0-${count - 1}`;
  throw new InvalidConfigError(`VF ${formatVfList(beyond)} is not there: ${name} ${have}`, { pf: name });
}

async function checkPf(entry: PlanPf, pf: PhysicalFunction, library: Library): Promise<PfPlan> {
  const { VfTable, diffVfs } = library;
  const name = pf.name;
  // The kernel's own count, since sysfs may show another network namespace; no VFs, no list to read.
  const have = pf.numVfs() === 0 ? undefined : await pf.readVfs();
  const current = have?.numVfs ?? 0;
  checkCount(pf, name, entry.numVfs, current);
  const target = entry.numVfs ?? current;
  checkVfNumbers(
    name,
    entry.vfs.map(({ vf }) => vf),
    target,
  );
  const numVfs = target === current ? {} : { numVfs: { from: current, to: target } };
  if (entry.vfs.length === 0) return { pf, name, ...numVfs, changes: [], delta: undefined };
  const want = VfTable.from(entry.vfs);
  if (have === undefined) return { pf, name, ...numVfs, changes: listChanges(entry.vfs, []), delta: want };
  const delta = diffVfs(want, have);
  const changes = listChanges(delta.toConfigs(), have.toConfigs());
  return { pf, name, ...numVfs, changes, delta: delta.length === 0 ? undefined : delta };
}

/**
 * The plan for each PF, in the plan's order.
 *
 * @throws KernelError, NotAPhysicalFunctionError for a PF that is not there, InvalidConfigError for VFs
 *   that are not there or a PF named twice, VfsExistError where VFs would have to be destroyed
 */
export async function checkPlan(entries: readonly PlanPf[], library: Library): Promise<PfPlan[]> {
  const seen = new Map<number, string | number>();
  const opened = entries.map((entry) => {
    const pf = library.PhysicalFunction.open(entry.pf);
    const other = seen.get(pf.ifindex);
    if (other !== undefined) {
      throw new InvalidConfigError(`the plan names ${pf.name} twice, as ${other} and as ${entry.pf}`, {
        pf: pf.name,
      });
    }
    seen.set(pf.ifindex, entry.pf);
    return { entry, pf };
  });
  return Promise.all(opened.map(({ entry, pf }) => checkPf(entry, pf, library)));
}
