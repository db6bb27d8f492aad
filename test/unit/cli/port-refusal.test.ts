import { expect, test } from 'vitest';
import type { Refusal } from '../../../src/binding/refusal.ts';
import { refusalLines } from '../../../src/cli/port/refusal-text.ts';

const taken = (vf: number, message: string): Refusal => ({
  code: 'TAKEN',
  place: `0000:03:00.0/${vf}`,
  message,
});

test('VFs of a PF that are refused for the same reason share a line with their number', () => {
  const refusals = Array.from({ length: 128 }, (_, vf) => taken(vf, `0000:03:00.0/${vf}: claimed`));
  expect(refusalLines(refusals)).toEqual(['128 VFs of 0000:03:00.0 (0-127): claimed']);
});

test('reasons of one code that differ in their words share a line that says what they have in common', () => {
  expect(refusalLines([taken(5, 'taken by p5'), taken(0, 'taken by p0')])).toEqual([
    '2 VFs of 0000:03:00.0 (0,5): taken',
  ]);
});

test('one VF keeps its own words, without its place twice', () => {
  expect(refusalLines([taken(3, '0000:03:00.0/3: taken by p3')])).toEqual(['0000:03:00.0/3: taken by p3']);
});

test('other codes, other PFs, PFs themselves and the host as a whole have lines of their own, in order', () => {
  expect(
    refusalLines([
      { code: 'PHYSICAL_NETWORK', message: 'no PF is mapped to physnet9' },
      taken(0, 'taken by p0'),
      { code: 'IN_USE', place: '0000:03:00.0/1', message: 'eth4 is up' },
      { code: 'TAKEN', place: 'netdevsim1/0', message: 'taken by p1' },
      { code: 'PF_HAS_VFS', place: '0000:03:00.0', message: 'its VF 0 is bound' },
      taken(2, 'taken by p0'),
    ]),
  ).toEqual([
    'no PF is mapped to physnet9',
    '2 VFs of 0000:03:00.0 (0,2): taken by p0',
    '0000:03:00.0/1: eth4 is up',
    'netdevsim1/0: taken by p1',
    '0000:03:00.0: its VF 0 is bound',
  ]);
});
