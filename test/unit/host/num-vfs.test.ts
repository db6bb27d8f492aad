/**
 * The number of VFs, on files that stand for sysfs: what is written, and what is refused without a write.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidConfigError, KernelError, VfsExistError } from '../../../src/errors.ts';
import { setNumVfs } from '../../../src/host/num-vfs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'numvfs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A device with so many VFs; `total` undefined as netdevsim has it. */
function device(now: number, total?: number): void {
  writeFileSync(path.join(folder, 'sriov_numvfs'), `${now}\n`);
  if (total !== undefined) writeFileSync(path.join(folder, 'sriov_totalvfs'), `${total}\n`);
}

const written = (): string => readFileSync(path.join(folder, 'sriov_numvfs'), 'utf8');

describe('setting the number of VFs', () => {
  it('writes it', async () => {
    device(0, 7);
    await setNumVfs('eth0', folder, 7, {});
    expect(written()).toBe('7\n');
    await setNumVfs('eth0', folder, 0, {});
    expect(written()).toBe('0\n');
  });

  it.each([-1, 0.5, 65536, Number.NaN, '3', null, undefined])(
    'refuses %s and writes nothing',
    async (count) => {
      device(0);
      await expect(setNumVfs('eth0', folder, count as number, {})).rejects.toThrow(InvalidConfigError);
      expect(written()).toBe('0\n');
    },
  );

  it('refuses more than the device can have', async () => {
    device(0, 7);
    await expect(setNumVfs('eth0', folder, 8, {})).rejects.toThrow('eth0 can have at most 7 VFs, not 8');
    expect(written()).toBe('0\n');
  });

  it('does not destroy VFs unless told to', async () => {
    device(4, 7);
    await expect(setNumVfs('eth0', folder, 5, {})).rejects.toThrow(VfsExistError);
    await expect(setNumVfs('eth0', folder, 5, { recreate: false })).rejects.toThrow(/^eth0 has 4 VFs, and /);
    expect(written()).toBe('4\n');
    await setNumVfs('eth0', folder, 5, { recreate: true });
    expect(written()).toBe('5\n');
  });

  it('does nothing when it is right already, whatever is asked', async () => {
    device(4);
    writeFileSync(path.join(folder, 'sriov_numvfs'), '4');
    await setNumVfs('eth0', folder, 4, { recreate: true });
    expect(written()).toBe('4');
  });

  it('fails with the errno of the write and the way out', async () => {
    const gone = path.join(folder, 'gone');
    const failed = setNumVfs('eth0', gone, 3, {});
    await expect(failed).rejects.toThrow(KernelError);
    await expect(failed).rejects.toMatchObject({
      code: 'ENOENT',
      errno: -2,
      syscall: 'write',
      target: { pf: 'eth0' },
      message: expect.stringMatching(/^eth0: making 3 VFs: ENOENT: .+/),
    });
  });
});
