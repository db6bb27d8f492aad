/**
 * libvirt's own schema accepts our XML, and refuses what is wrong.
 *
 * Needs Debian's packages of libvirt and xmllint, which are unpacked in the cache; nothing is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { libvirtInterfaceXml } from '../../src/binding/vif/libvirt.ts';
import type { Vif } from '../../src/binding/vif/vif.ts';
import { vif } from '../unit/binding/vif/vifs.ts';
import { aptDepends, aptDownload } from '../vm/apt.mjs';
import { cacheFolder } from '../vm/image.mjs';
import { hasProgram, must } from '../vm/process.mjs';

const ROOT = path.join(cacheFolder(), '..', 'libvirt');
const XMLLINT = path.join(ROOT, 'usr/bin/xmllint');
/** Another C library than the host's own loader would break every program. */
const HOSTS = /^(libc6|libgcc-s1|libstdc\+\+6)$/;

let schema = '';
let whyNot: string | null = null;

beforeAll(async () => {
  try {
    if (!existsSync(ROOT)) await fetchPackages();
    const file = path.join(ROOT, 'usr/share/libvirt/schemas/domain.rng');
    if (!existsSync(file)) throw new Error(`the packages hold no ${file}`);
    schema = file;
  } catch (error) {
    whyNot = error instanceof Error ? error.message : String(error);
    process.stderr.write(`libvirt's schema is not checked: ${whyNot}\n`);
  }
});

async function fetchPackages(): Promise<void> {
  if (!(await hasProgram('apt-get'))) throw new Error("libvirt's schema comes by apt-get, which is not here");
  mkdirSync(path.dirname(ROOT), { recursive: true });
  const work = mkdtempSync(`${ROOT}-`);
  try {
    const direct = await aptDepends('libxml2-utils');
    const deeper = await Promise.all(direct.map((name) => aptDepends(name)));
    const libraries = new Set([...direct, ...deeper.flat()].filter((name) => name.startsWith('lib')));
    const packages = ['libvirt0', 'libxml2-utils', ...[...libraries].filter((name) => !HOSTS.test(name))];
    await aptDownload(packages, { into: work, log: () => {} });
    const tree = path.join(work, 'tree');
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      await must(['dpkg', '-x', path.join(work, file), tree]);
    }
    renameSync(tree, ROOT);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Null = valid; else what xmllint said. */
function faults(device: string): string | null {
  const domain = `<domain type='kvm'><name>guest</name><memory>1024</memory><os><type>hvm</type></os><devices>
${device}
</devices></domain>`;
  const libraries = readdirSync(path.join(ROOT, 'usr/lib'))
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => path.join(ROOT, 'usr/lib', name));
  const { status, stderr, error } = spawnSync(XMLLINT, ['--noout', '--nonet', '--relaxng', schema, '-'], {
    input: domain,
    encoding: 'utf8',
    env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') },
  });
  if (status === 0) return null;
  // 3 = does not validate. All else (no schema, no library, not well-formed) is no answer.
  if (status !== 3) throw new Error(`xmllint ended with ${status}: ${error?.message ?? stderr}`);
  return stderr;
}

const macvtap = { netDevice: 'enp59s0f0v2' };
const qbh = { vif_type: '802.1qbh', vif_details: { profileid: `a"<b>&'\u2028` } } as const;
const pf = { vnic_type: 'direct-physical', vif_type: 'hostdev_physical' } as const;

const ROWS: readonly (readonly [string, Vif])[] = [
  ['row direct, hw_veb, vlan', vif()],
  ['row direct, hw_veb, flat', vif({ vif_details: { vlan: '0' } })],
  ['row direct, hw_veb, a PCI domain of 32 bits', vif({ profile: { pci_slot: '10000:02:00.1' } })],
  ['row macvtap, hw_veb', vif({ vnic_type: 'macvtap' })],
  ['row direct-physical, hostdev_physical', vif(pf)],
  ['row direct, 802.1qbh', vif(qbh)],
  [
    'row direct, 802.1qbh, the longest profileid',
    vif({ ...qbh, vif_details: { profileid: 'é'.repeat(39) } }),
  ],
  ['macvtap, 802.1qbh', vif({ ...qbh, vnic_type: 'macvtap' })],
];

beforeEach((context) => {
  if (whyNot !== null) context.skip(whyNot);
});

test.each(ROWS)('libvirt accepts %s', (_, row) => {
  expect(faults(libvirtInterfaceXml(row, macvtap))).toBeNull();
});

test('libvirt accepts a macvtap device that is there already', () => {
  const xml = libvirtInterfaceXml(vif({ vnic_type: 'macvtap' }), { macvtap: 'mvt-0123456789a' });
  expect(faults(xml)).toBeNull();
  expect(faults(xml.replace('managed="no"', 'managed="perhaps"'))).not.toBeNull();
});

const DIRECT = libvirtInterfaceXml(vif());
const WRONG: readonly (readonly [string, string])[] = [
  ['a slot above 31', DIRECT.replace('slot="0x10"', 'slot="0x20"')],
  ['no source', DIRECT.replace(/ *<source>[^]*<\/source>\n/, '')],
  ['VLAN 4096', DIRECT.replace('id="100"', 'id="4096"')],
  ['a group MAC', DIRECT.replace('fa:16', '01:16')],
  ['a domain of 36 bits', DIRECT.replace('domain="0x0000"', 'domain="0x100000000"')],
  [
    'a profileid of 40 characters',
    libvirtInterfaceXml(vif(qbh)).replace(/profileid="[^"]*"/, `profileid="${'x'.repeat(40)}"`),
  ],
  [
    'a mode that is none',
    libvirtInterfaceXml(vif({ vnic_type: 'macvtap' }), macvtap).replace('passthrough', 'pass'),
  ],
  ['a hostdev without a source', libvirtInterfaceXml(vif(pf)).replace(/ *<source>[^]*<\/source>\n/, '')],
];

describe('libvirt refuses our XML spoilt by', () => {
  test.each(WRONG)('%s', (_, xml) => {
    expect(faults(xml)).toContain('fails to validate');
  });
});
