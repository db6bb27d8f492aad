/**
 * Around a read of VFs: the addon's outcome to a complete table, or an error that says what is missing.
 */
import { IncompleteReadError, KernelError, NotAPhysicalFunctionError } from '../errors.ts';
import { errnoName } from '../errno.ts';
import type { ReadOutcome } from '../vf/native.ts';
import { VfTable } from '../vf/table.ts';
import { type Asked, requestError } from './program.ts';

/** Options of {@link PhysicalFunction.readVfs}. */
export interface ReadOptions {
  /**
   * Also the statistics of each VF, for which the driver is asked one VF at a time under the kernel's rtnl
   * lock: on real hardware that can take a millisecond or two each. Default false.
   */
  readonly stats?: boolean;
}

/** @throws IncompleteReadError, KernelError, NotAPhysicalFunctionError */
export function toTable(pf: Asked, outcome: ReadOutcome | number, options: ReadOptions): VfTable {
  if (typeof outcome === 'number') {
    throw new KernelError(
      errnoName(outcome),
      `${pf.name}: no thread for the request: ${errnoName(outcome)}`,
      {
        errno: -outcome,
        syscall: 'pthread_create',
      },
    );
  }
  const [errno, extendedAck, numVf, listed, hasList, buffer] = outcome;
  if (errno !== 0 || buffer === undefined) throw requestError(pf, errno, extendedAck);
  if (!hasList) {
    throw new NotAPhysicalFunctionError(
      `${pf.name} has no VF operations: it is a representor, or its driver manages its VFs by other means`,
      { pf: pf.name },
    );
  }
  const table = new VfTable(buffer);
  if (listed < numVf) throw incomplete(pf, table, numVf, options.stats === true);
  return table;
}

/**
 * Kernel 7.3 stops the list at 128 VFs with statistics and 256 without, and has no way to ask for the rest;
 * any kernel leaves out a VF that the driver does not describe (rtnl_fill_vfinfo).
 */
function incomplete(pf: Asked, table: VfTable, numVf: number, stats: boolean): IncompleteReadError {
  const missing: number[] = [];
  for (let vf = 0; vf < numVf; vf++) if (table.rowOf(vf) < 0) missing.push(vf);
  const first = missing.slice(0, 5).join(', ');
  const hint = stats ? '; without statistics it may list more' : '';
  return new IncompleteReadError(
    `${pf.name} has ${numVf} VFs but the kernel listed ${table.length}; ${missing.length} are missing ` +
      `(${first}${missing.length > 5 ? ', ...' : ''}): the driver did not describe them, or this kernel caps its list${hint}`,
    missing,
    table.length,
    { pf: pf.name },
  );
}
