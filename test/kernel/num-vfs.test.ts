/**
 * The number of VFs on a real kernel: what it refuses, and that settings follow.
 */
import { describe, expect, test } from 'vitest';
import { InvalidConfigError, KernelError, VfsExistError } from '../../src/index.ts';
import { each, full, read, usePf } from './pf.ts';

describe('the number of VFs', () => {
  const has = usePf();

  test('is made, kept, and taken back', async () => {
    expect([has.pf.numVfs(), has.pf.totalVfs()]).toEqual([0, undefined]);
    await has.pf.setNumVfs(4);
    expect(has.pf.numVfs()).toBe(4);
    await has.pf.setNumVfs(4);
    expect((await has.pf.readVfs()).length).toBe(4);
    await has.pf.setNumVfs(0);
    expect([has.pf.numVfs(), has.pf.readVfsSync().length]).toEqual([0, 0]);
    await has.pf.setNumVfs(0);
  });

  test('is not changed under VFs that exist, unless told to recreate them', async () => {
    await has.pf.setNumVfs(3);
    const failed = has.pf.setNumVfs(5);
    await expect(failed).rejects.toThrow(VfsExistError);
    await expect(failed).rejects.toMatchObject({ code: 'SRIOV_VFS_EXIST', errno: -16 });
    expect(has.pf.numVfs()).toBe(3);
    await has.pf.setNumVfs(5, { recreate: true });
    expect([has.pf.numVfs(), has.pf.readVfsSync().numVfs]).toEqual([5, 5]);
    await has.pf.setNumVfs(1024, { recreate: true });
    expect(has.pf.readVfsSync().length).toBe(1024);
    has.sim.setNumVfs(0);
  });

  test("of which the device has no room for is the kernel's refusal", async () => {
    const failed = has.pf.setNumVfs(4097);
    await expect(failed).rejects.toThrow(KernelError);
    await expect(failed).rejects.toMatchObject({
      code: 'ENOMEM',
      errno: -12,
      syscall: 'write',
      message: expect.stringContaining('the device cannot have that many VFs'),
    });
    expect(has.pf.numVfs()).toBe(0);
    await expect(has.pf.setNumVfs(65_536)).rejects.toThrow(InvalidConfigError);
  });

  test('does not let a setting slip in before its VF is there', async () => {
    const early = has.pf.programVfsSync(each(2, full));
    expect(early.applied).toBe(0);
    expect(new Set(early.failures.map(({ code }) => code))).toEqual(new Set(['EINVAL']));
    await has.pf.setNumVfs(2);
    expect(has.pf.programVfsSync(each(2, full)).failures).toEqual([]);
    expect(read(has.pf)).toEqual(each(2, full));
  });
});
