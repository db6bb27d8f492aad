/**
 * Lists of VF numbers as text: `3`, `0-63`, `0,2,8-15`.
 *
 * Owns reading and writing that form. Whether the VFs exist is not its business.
 */
import { UsageError } from './usage-error.ts';

/** PCIe's NumVFs register has 16 bits, so VF numbers end at 65534. */
const LAST_VF = 65_534;

/**
 * VF numbers of a list, ascending, each once.
 *
 * @throws UsageError when the text is no such list, a range runs backwards or a number is above 65534
 */
export function parseVfList(text: string): number[] {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    if (match === null) throw new UsageError(`"${text}" is no list of VFs; write 3, 0-63 or 0,2,8-15`);
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (first > last) throw new UsageError(`VF range ${part.trim()} runs backwards; write ${last}-${first}`);
    if (last > LAST_VF) throw new UsageError(`VF ${last} is above ${LAST_VF}, the last that PCIe can number`);
    for (let vf = first; vf <= last; vf++) numbers.add(vf);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** The shortest list for ascending VF numbers: `[0, 1, 2, 5]` is `0-2,5`. */
export function formatVfList(ascending: readonly number[]): string {
  const parts: string[] = [];
  for (let start = 0; start < ascending.length;) {
    let end = start;
    while (ascending[end + 1] === (ascending[end] ?? 0) + 1) end++;
    parts.push(start === end ? `${ascending[start]}` : `${ascending[start]}-${ascending[end]}`);
    start = end + 1;
  }
  return parts.join(',');
}
