/**
 * The diff that people and programs see before anything is applied.
 *
 * Owns the list of changes and its short text form. What differs is decided by the library's
 * `diffVfs`; here it is only put beside what is there.
 */
import { VF_ATTRIBUTES, type VfAttribute, type VfConfig } from '../vf/config.ts';
import { addressPlus } from './address.ts';
import type { Paint } from './output.ts';
import { formatVfList } from './vf-list.ts';
import { ATTRIBUTE_WORD, attributeText } from './vf-text.ts';

/** One attribute of one VF that will change. */
export interface VfChange {
  readonly vf: number;
  readonly attribute: VfAttribute;
  /** Value now, as in {@link VfConfig}; absent when the driver does not report it or the VF is not there yet. */
  readonly from?: VfConfig[VfAttribute];
  readonly to: VfConfig[VfAttribute];
}

/** Every attribute of `delta`, with what `have` holds in its place. */
export function listChanges(delta: readonly VfConfig[], have: readonly VfConfig[]): VfChange[] {
  const byVf = new Map(have.map((config) => [config.vf, config]));
  const changes: VfChange[] = [];
  for (const config of delta) {
    const old = byVf.get(config.vf);
    for (const attribute of VF_ATTRIBUTES) {
      const to = config[attribute];
      if (to === undefined) continue;
      const from = old?.[attribute];
      changes.push({ vf: config.vf, attribute, ...(from === undefined ? {} : { from }), to });
    }
  }
  return changes;
}

interface Line {
  readonly attribute: VfAttribute;
  readonly from: string | undefined;
  readonly to: string;
  readonly vfs: number[];
  /** Last address of a run that counts up with the VF. */
  last?: string;
}

function textOf(attribute: VfAttribute, value: VfConfig[VfAttribute]): string | undefined {
  return attributeText({ [attribute]: value }, attribute);
}

/** A rate in which only one side is wanted keeps the other, so the line shows both as they will be. */
function wanted(change: VfChange): VfConfig[VfAttribute] {
  if (change.attribute !== 'rate' || change.to === null) return change.to;
  return { ...(change.from as object | null | undefined), ...(change.to as object) };
}

function linesOf(changes: readonly VfChange[]): Line[] {
  const same = new Map<string, Line>();
  const running = new Map<VfAttribute, Line>();
  for (const change of changes) {
    const { vf, attribute } = change;
    const from = textOf(attribute, change.from);
    const to = textOf(attribute, wanted(change)) ?? '';
    const run = running.get(attribute);
    if (to.includes(':') && run?.from === from && run?.vfs.at(-1) === vf - 1) {
      if (addressPlus(run.last ?? run.to, 1) === to) {
        run.vfs.push(vf);
        run.last = to;
        continue;
      }
    }
    const key = `${attribute} ${from} ${to}`;
    const known = same.get(key);
    if (known !== undefined && known.last === undefined) {
      known.vfs.push(vf);
      continue;
    }
    const line: Line = { attribute, from, to, vfs: [vf] };
    same.set(key, line);
    if (to.includes(':')) running.set(attribute, line);
  }
  return [...same.values()];
}

/**
 * One line for all VFs that change alike, e.g. `~ eni1np1 vf 0-63 spoofchk off → on`. Addresses that
 * count up with the VF share a line as well: `~ eni1np1 vf 0-3 mac none → 02:…:00 … 02:…:03`.
 *
 * A `+` stands in front of VFs that are not there yet (`exist` false); `?` is a value that the driver
 * does not report.
 */
export function changeLines(
  pf: string,
  changes: readonly VfChange[],
  exist: boolean,
  paint: Paint,
): string[] {
  return linesOf(changes).map(({ attribute, from, to, vfs, last }) => {
    const target = last === undefined ? to : `${to} … ${last}`;
    const head = `${pf} vf ${formatVfList(vfs)} ${ATTRIBUTE_WORD[attribute]}`;
    return exist
      ? paint('yellow', `~ ${head} ${from ?? '?'} → ${target}`)
      : paint('green', `+ ${head} ${target}`);
  });
}
