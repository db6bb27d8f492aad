import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as layout from '../../../src/pci/layout.ts';

const read = (file: string): string =>
  readFileSync(new URL(`../../../native/pci/${file}`, import.meta.url), 'utf8');

/** Members of a C++ enum with their values: counted from 0, or as written. */
function enumOf(source: string, name: string): Record<string, number> {
  const body = new RegExp(`enum (?:class )?${name} : uint32_t \\{([^}]*)\\}`).exec(source)?.[1];
  if (body === undefined) throw new Error(`no enum ${name}`);
  let next = 0;
  const members: Record<string, number> = {};
  const words = body
    .replace(/\/\/.*$/gm, '')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
  for (const word of words) {
    const [, member, value, shift] = /^(k\w+)(?: = (?:(\d+)|1u << (\d+)))?$/.exec(word) ?? [];
    if (member === undefined) throw new Error(`enum ${name}: cannot read ${JSON.stringify(word)}`);
    if (shift !== undefined) next = 1 << Number(shift);
    else if (value !== undefined) next = Number(value);
    members[member] = next++;
  }
  return members;
}

/** As the C++ names its members: kFunctionVfIndex for FUNCTION.vfIndex. */
function prefixed(prefix: string, offsets: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(offsets).map(([key, value]) => [
      `k${prefix}${key.charAt(0).toUpperCase()}${key.slice(1)}`,
      value,
    ]),
  );
}

describe('the layout of an enumeration', () => {
  it('is the same in C++ and TypeScript', () => {
    const header = read('layout.h');
    const inventory = read('inventory.h');
    expect(prefixed('Header', layout.HEADER)).toEqual(enumOf(header, 'HeaderWord'));
    expect(prefixed('Function', layout.FUNCTION)).toEqual(enumOf(header, 'FunctionWord'));
    expect(prefixed('Net', layout.NET)).toEqual(enumOf(header, 'NetWord'));
    expect(prefixed('Companion', layout.COMPANION)).toEqual(enumOf(header, 'CompanionWord'));
    expect(prefixed('Flag', layout.FLAG)).toEqual(enumOf(header, 'FunctionFlag'));
    expect(prefixed('', layout.COMPANION_KIND)).toEqual(enumOf(inventory, 'CompanionKind'));
    expect(prefixed('Unreadable', layout.UNREADABLE)).toEqual(enumOf(inventory, 'Unreadable'));
    expect(header).toContain(`constexpr uint32_t kLayoutVersion = ${layout.LAYOUT_VERSION};`);
  });
});
