/**
 * Refusals in words: a line for each candidate, or one for many of a PF that are refused alike.
 *
 * Owns the grouping. Reasons come from whoever refused.
 */
import { parsePlace } from '../../binding/place.ts';
import type { Refusal, RefusalCode } from '../../binding/refusal.ts';
import { formatVfList } from '../vf-list.ts';

/** What a code means where many VFs share it and each has words of its own. */
const MEANING: Partial<Record<RefusalCode, string>> = {
  NOT_AVAILABLE: 'no device spec makes them available',
  EXCLUDED: 'excluded',
  TAKEN: 'taken',
  IN_USE: 'in use by someone else',
  NOT_REQUESTED: 'not the one that is asked for',
  NOT_TRUSTED: 'not trusted by their device spec',
  ATTRIBUTE: 'the driver lacks a setting that the port needs',
  NUMA: 'too far from the NUMA node',
  SWITCHDEV: 'switchdev',
  NO_NET_DEVICE: 'no network device, which macvtap needs',
  PF_HAS_VFS: 'the PF, or a VF of it, is bound',
};

interface Group {
  readonly first: Refusal;
  readonly pf: string;
  readonly vfs: number[];
  /** Without the place in front; undefined when they differ. */
  reason: string | undefined;
}

/** A message often begins with the place that the line names already. */
function reasonOf({ message, place }: Refusal): string {
  return place !== undefined && message.startsWith(`${place}: `) ? message.slice(place.length + 2) : message;
}

function lineOf(group: Group): string {
  const { first, pf, vfs, reason } = group;
  const why = reason ?? MEANING[first.code] ?? first.code;
  if (vfs.length < 2) return `${first.place ?? pf}: ${reasonOf(first)}`;
  return `${vfs.length} VFs of ${pf} (${formatVfList(vfs.toSorted((a, b) => a - b))}): ${why}`;
}

/** In the order in which the reasons appear first. */
export function refusalLines(refusals: readonly Refusal[]): string[] {
  const groups = new Map<string, Group>();
  const lines: (string | Group)[] = [];
  for (const refusal of refusals) {
    const { pf, vf } = refusal.place === undefined ? { pf: '', vf: null } : parsePlace(refusal.place);
    if (refusal.place === undefined || vf === null) {
      lines.push(refusal.place === undefined ? refusal.message : `${refusal.place}: ${reasonOf(refusal)}`);
      continue;
    }
    const reason = reasonOf(refusal);
    const key = `${refusal.code} ${pf}`;
    const known = groups.get(key);
    if (known === undefined) {
      const group: Group = { first: refusal, pf, vfs: [vf], reason };
      groups.set(key, group);
      lines.push(group);
      continue;
    }
    known.vfs.push(vf);
    if (known.reason !== reason) known.reason = undefined;
  }
  return lines.map((line) => (typeof line === 'string' ? line : lineOf(line)));
}
