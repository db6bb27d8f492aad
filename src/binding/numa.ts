/**
 * How near a PF is to the memory of a port's guest, and whether that is near enough.
 *
 * Owns Nova's words for it (doc: `hw:pci_numa_affinity_policy`; code: pci/stats.py), as far as node numbers tell.
 */
import type { NumaPolicy } from './port.ts';

/** 0 = the node itself or no node was asked for, 1 = unknown, 2 = another node. Lower is better. */
export type NumaDistance = 0 | 1 | 2;

export function numaDistance(preferred: number | undefined, node: number | null): NumaDistance {
  if (preferred === undefined || node === preferred) return 0;
  return node === null ? 1 : 2;
}

/**
 * Why a PF at this distance is not near enough; undefined = it is.
 *
 * - `required`: the same node; unknown is not enough.
 * - `legacy`: the same node, or unknown.
 * - `preferred`, and null (no policy): any; the nearest comes first.
 * - `socket`: Nova takes all nodes of one socket. Which nodes share a socket is not in the inventory, so only the
 *   same node is known to be good, and others are refused rather than guessed at.
 *
 * Without a preferred node nothing is refused, as in Nova for a guest without NUMA topology. Null is not Nova's
 * `legacy`: the node is the host's wish here, not the guest's need.
 */
export function numaFault(
  policy: NumaPolicy | null,
  preferred: number | undefined,
  node: number | null,
): string | undefined {
  if (policy === null || policy === 'preferred') return undefined;
  const distance = numaDistance(preferred, node);
  if (distance === 0 || (distance === 1 && policy === 'legacy')) return undefined;
  const where = node === null ? 'the NUMA node of its PF is unknown' : `its PF is on NUMA node ${node}`;
  const socket = policy === 'socket' ? ' (which nodes share a socket is not known here)' : '';
  return `${where}, and the port's policy ${policy} wants node ${preferred}${socket}; use the policy preferred to allow it`;
}
