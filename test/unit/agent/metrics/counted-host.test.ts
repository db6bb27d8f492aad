/** Requests to a host are told to its meters, and go through unchanged. */
import { describe, expect, test } from 'vitest';
import { addMeter, countHost, type HostMeter } from '../../../../src/agent/metrics/counted-host.ts';
import { IncompleteReadError, KernelError } from '../../../../src/errors.ts';
import type { VfHost } from '../../../../src/port/host.ts';
import type { ProgramReport } from '../../../../src/vf/report.ts';
import { MemoryHost } from '../../port/memory-host.ts';

const PF = '0000:03:00.0';

class Heard implements HostMeter {
  readonly reads: [string, number][] = [];
  readonly programs: [string, ProgramReport][] = [];
  readonly errors: [string, string][] = [];
  readonly inventories: (readonly string[])[] = [];
  readonly times: number[] = [];

  onRead(pf: string, ms: number, vfs: number): void {
    this.reads.push([pf, vfs]);
    this.times.push(ms);
  }

  onProgram(pf: string, report: ProgramReport, ms: number): void {
    this.programs.push([pf, report]);
    this.times.push(ms);
  }

  onError(pf: string, code: string): void {
    this.errors.push([pf, code]);
  }

  onInventory(pfs: readonly string[], ms: number): void {
    this.inventories.push(pfs);
    this.times.push(ms);
  }
}

/** A host of which one method is another. */
function withMethod<K extends 'read' | 'program'>(name: K, method: VfHost[K]): VfHost {
  const host = new MemoryHost('h', { [PF]: 2 });
  return Object.defineProperty(host, name, { value: method });
}

describe('a counted host', () => {
  test('tells each read with the VFs that were listed, and gives what was read', async () => {
    const host = new MemoryHost('h', { [PF]: 3 });
    const heard = new Heard();
    const counted = countHost(host, heard);
    expect(await counted.read(PF)).toEqual(await host.read(PF));
    expect(heard.reads).toEqual([[PF, 3]]);
    expect(heard.times.every((ms) => ms >= 0)).toBe(true);
  });

  test('tells each program with its report, failures included', async () => {
    const host = new MemoryHost('h', { [PF]: 2 });
    host.refusals.set(`${PF}/1 trust`, 'EOPNOTSUPP');
    const heard = new Heard();
    const report = await countHost(host, heard).program(PF, [{ vf: 1, trust: true }]);
    expect(report.failures.map(({ code }) => code)).toEqual(['EOPNOTSUPP']);
    expect(heard.programs).toEqual([[PF, report]]);
    expect(heard.errors).toEqual([]);
  });

  test('passes every argument of a request on', async () => {
    const seen: unknown[][] = [];
    const report = await new MemoryHost('h', { [PF]: 2 }).program(PF, []);
    const host = withMethod('program', (...args: unknown[]) => {
      seen.push(args);
      return Promise.resolve(report);
    });
    const counted = countHost(host, new Heard());
    const request = [PF, [{ vf: 0, trust: true }], { verify: false }] as unknown as Parameters<
      VfHost['program']
    >;
    await counted.program(...request);
    expect(seen).toEqual([request]);
  });

  test('tells the code of an error and throws the very same one', async () => {
    const error = new KernelError('ENODEV', 'gone', { errno: -19 });
    const heard = new Heard();
    const read = countHost(
      withMethod('read', () => Promise.reject(error)),
      heard,
    );
    await expect(read.read(PF)).rejects.toBe(error);
    const program = countHost(
      withMethod('program', () => Promise.reject(error)),
      heard,
    );
    await expect(program.program(PF, [])).rejects.toBe(error);
    expect(heard.errors).toEqual([
      [PF, 'ENODEV'],
      [PF, 'ENODEV'],
    ]);
    expect(heard.reads).toEqual([]);
    expect(heard.programs).toEqual([]);
  });

  test('counts a read that left VFs out as a read and as an error', async () => {
    const error = new IncompleteReadError('left out', [128, 129], 128, { pf: PF });
    const heard = new Heard();
    const host = withMethod('read', () => Promise.reject(error));
    await expect(countHost(host, heard).read(PF)).rejects.toBe(error);
    expect(heard.reads).toEqual([[PF, 128]]);
    expect(heard.errors).toEqual([[PF, 'SRIOV_INCOMPLETE_READ']]);
  });

  test('does not count a mistake of the program as an answer of the kernel', async () => {
    const heard = new Heard();
    const host = withMethod('read', () => Promise.reject(new TypeError('a mistake')));
    await expect(countHost(host, heard).read(PF)).rejects.toThrow('a mistake');
    expect(heard.errors).toEqual([]);
  });

  test('tells which PFs were read for an inventory', async () => {
    const heard = new Heard();
    const counted = countHost(new MemoryHost('h', { [PF]: 2, '0000:04:00.0': 0 }), heard);
    const inventory = await counted.inventory();
    expect(inventory.pfs).toHaveLength(2);
    expect(heard.inventories).toEqual([[PF]]);
  });

  test('tells meters that were added later, until they are taken off', async () => {
    const [first, second] = [new Heard(), new Heard()];
    const counted = countHost(new MemoryHost('h', { [PF]: 2 }), first);
    await counted.read(PF);
    const end = addMeter(counted, second);
    await counted.read(PF);
    end();
    await counted.read(PF);
    expect([first.reads.length, second.reads.length]).toEqual([3, 1]);
  });

  test('refuses a meter on a host that is not counted', () => {
    expect(() => addMeter(new MemoryHost('h', { [PF]: 2 }), new Heard())).toThrow(/not counted/u);
  });
});
