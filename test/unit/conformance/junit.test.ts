/** The forms of a conformance report: what counts as failure, and JUnit XML. */
import { expect, test } from 'vitest';
import { toJunit } from '../../../src/conformance/junit.ts';
import { type ConformanceReport, failuresOf } from '../../../src/conformance/result.ts';
import { conformanceText } from '../../../src/cli/commands/conformance.ts';
import { plain } from '../../../src/cli/output.ts';

const report: ConformanceReport = {
  pf: 'eth0',
  device: '0000:01:00.0',
  driver: 'igb',
  kernel: '6.1',
  vf: 0,
  vfs: 1,
  settings: [
    { attribute: 'mac', value: 'none', outcome: 'at once', medianMs: 1.5, longestMs: 2 },
    { attribute: 'vlan', value: '1', outcome: 'later', laterMs: 40, medianMs: 1, longestMs: 1 },
    { attribute: 'rate', value: 'max 4', outcome: 'not applied', medianMs: 1, longestMs: 1 },
    { attribute: 'trust', value: 'on', outcome: 'refused', code: 'EOPNOTSUPP', medianMs: 1, longestMs: 1 },
  ],
  survival: [{ event: 'PF reset', attribute: 'mac', survives: false }],
  skipped: ['VF reset: <none> & "more"'],
  dataPath: [
    { check: 'VLAN 100', outcome: 'passed', detail: 'tag 100' },
    { check: 'spoof check', outcome: 'failed', detail: 'untagged, not nothing' },
    { check: 'own MAC', outcome: 'skipped', detail: 'no ip' },
  ],
  notRestored: ['VF 0: mac was "x"'],
};

test('what is never applied, fails with frames, or is not put back counts; what is refused or lost does not', () => {
  expect(failuresOf(report)).toEqual([
    'rate max 4: accepted, but never reads back',
    'spoof check: untagged, not nothing',
    'not restored: VF 0: mac was "x"',
  ]);
});

test('JUnit XML counts each suite and escapes its texts', () => {
  const xml = toJunit(report);
  expect(xml.match(/<testsuite name="[^"]+" [^>]+>/g)).toEqual([
    '<testsuite name="settings" tests="4" failures="1" skipped="1">',
    '<testsuite name="survival" tests="2" failures="0" skipped="1">',
    '<testsuite name="data path" tests="3" failures="1" skipped="1">',
    '<testsuite name="restore" tests="1" failures="1" skipped="0">',
  ]);
  expect(xml).toContain('<skipped message="VF reset: &lt;none&gt; &amp; &quot;more&quot;"/>');
  expect(xml).toContain('time="0.001500"');
  expect(xml).toContain('<skipped message="refused: EOPNOTSUPP"/>');
  expect(xml.match(/<testcase/g)).toHaveLength(10);
  expect(xml.match(/<\/testcase>/g)).toHaveLength(10);
});

test('control characters, which XML has not, are replaced', () => {
  const xml = toJunit({ ...report, skipped: ['bell \u0007 here'] });
  expect(xml).toContain('bell ? here');
});

test('the table says how many failures there are', () => {
  expect(conformanceText(report, plain)).toMatch(/\n3 failures, NOT everything was put back\n$/);
  const good = { ...report, settings: [], dataPath: [], notRestored: [] };
  expect(conformanceText(good, plain)).toMatch(/\nno failures, everything was put back\n$/);
});
