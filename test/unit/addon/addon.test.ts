/**
 * Loading the addon: where it is looked for, and what is said where there is none. Asks nothing of a kernel.
 */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as loader from '../../../src/addon.ts';
import type * as index from '../../../src/index.ts';
import { COLUMNS, HEADER_BYTES, TABLE_MAGIC, tableBytes } from '../../../src/vf/layout.ts';

const BUILT = fileURLToPath(new URL('../../../build/Release/sriov.node', import.meta.url));
const PLATFORM = process.platform;

/** The modules as a new process would have them: the addon is not loaded yet. */
async function fresh(): Promise<typeof index & typeof loader> {
  vi.resetModules();
  return { ...(await import('../../../src/index.ts')), ...(await import('../../../src/addon.ts')) };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'addon-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  Object.defineProperty(process, 'platform', { value: PLATFORM });
  rmSync(folder, { recursive: true });
});

describe('isSupported', () => {
  it('is true where the addon loads, and has no reason then', async () => {
    const { isSupported } = await fresh();
    expect(isSupported()).toEqual({ supported: true });
  });

  it.each(['darwin', 'win32', 'freebsd'])('is false on %s, with the reason', async (platform) => {
    Object.defineProperty(process, 'platform', { value: platform });
    const { isSupported } = await fresh();
    const { supported, reason } = isSupported();
    expect(supported).toBe(false);
    expect(reason).toBe(
      `sriov works on Linux only, where SR-IOV is managed through rtnetlink; this is ${platform}`,
    );
  });

  it('is false where the addon cannot be loaded, and says what was tried and how to build one', async () => {
    const bad = path.join(folder, 'sriov.node');
    writeFileSync(bad, 'not a shared object');
    for (const file of [bad, path.join(folder, 'missing.node')]) {
      vi.stubEnv('SRIOV_ADDON', file);
      const { supported, reason } = (await fresh()).isSupported();
      expect(supported).toBe(false);
      expect(reason).toContain(
        `no working addon for linux-${process.arch} (Node ${process.versions.node}): `,
      );
      expect(reason).toContain(`looked in ${file}`);
      expect(reason).toContain('npx node-gyp rebuild');
    }
  });
});

describe('the package without an addon', () => {
  it('is imported all the same, and what needs no kernel works', async () => {
    Object.defineProperty(process, 'platform', { value: 'darwin' });
    const { VfTable, diffVfs, parseVfConfigs } = await fresh();
    const want = VfTable.from(parseVfConfigs([{ vf: 0, trust: true }]));
    expect(diffVfs(want, VfTable.from([])).toConfigs()).toEqual([{ vf: 0, trust: true }]);
  });

  it('fails on use with an UnsupportedPlatformError', async () => {
    Object.defineProperty(process, 'platform', { value: 'darwin' });
    const { PhysicalFunction, UnsupportedPlatformError } = await fresh();
    expect(() => PhysicalFunction.open('eth0')).toThrow(UnsupportedPlatformError);
    expect(() => PhysicalFunction.open(1)).toThrow(/this is darwin/);
  });
});

describe('the addon', () => {
  it('is loaded once', async () => {
    const { addon } = await fresh();
    expect(addon()).toBe(addon());
  });

  it('is the one that SRIOV_ADDON names, and several of them work in one process', async () => {
    const first = (await fresh()).addon();
    const copy = path.join(folder, 'copy.node');
    copyFileSync(BUILT, copy);
    vi.stubEnv('SRIOV_ADDON', copy);
    const second = (await fresh()).addon();
    expect(second).not.toBe(first);
    expect(second.linkName(1)).toBe('lo');
    expect(first.linkName(1)).toBe('lo');
  });

  it('lays the table out as src/vf/layout.ts does', async () => {
    const { vfTableLayout } = (await fresh()).addon();
    expect(vfTableLayout).toEqual({
      magic: TABLE_MAGIC,
      headerBytes: HEADER_BYTES,
      columns: COLUMNS,
      bytesFor3Rows: tableBytes(4, false),
      bytesFor3RowsWithStats: tableBytes(4, true),
    });
  });

  it('refuses what is no table, rather than reading beyond it', async () => {
    const { VfTable, addon } = await fresh();
    const { programVfsSync } = addon();
    const table = VfTable.from([{ vf: 0, trust: true }]);
    const call = (bytes: Uint8Array): unknown => programVfsSync(1, bytes);
    expect(() => call(new Uint8Array(0))).toThrow(TypeError);
    expect(() => call(new Uint8Array(1000))).toThrow(TypeError);
    expect(() => call(table.bytes.subarray(0, table.bytes.length - 8))).toThrow(TypeError);
    for (const word of [1, 2]) {
      const lie = VfTable.from([{ vf: 0, trust: true }]);
      lie.words[word] = 1e6;
      expect(() => call(lie.bytes)).toThrow(TypeError);
    }
    expect(() => programVfsSync(1, {} as Uint8Array)).toThrow(TypeError);
  });
});
