/**
 * A folder that looks like /sys and /proc, for states of a host that a test machine does not have.
 *
 * Owns the shape of the tree; it holds only what the readers of src/lifecycle look at.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Roots } from '../../../src/lifecycle/function.ts';

export interface FakeFunction {
  readonly class?: string;
  readonly driver?: string;
  readonly group?: number;
  /** Attributes and folders below the function's folder: path to content, or null for a folder. */
  readonly files?: Readonly<Record<string, string | null>>;
}

export class FakeHost {
  readonly roots: Roots;
  readonly #root: string;

  constructor() {
    this.#root = mkdtempSync(path.join(tmpdir(), 'sriov-fake-host-'));
    this.roots = { sys: path.join(this.#root, 'sys'), proc: path.join(this.#root, 'proc') };
    for (const folder of ['sys/bus/pci/devices', 'sys/bus/pci/drivers', 'sys/kernel/iommu_groups', 'proc']) {
      mkdirSync(path.join(this.#root, folder), { recursive: true });
    }
  }

  directoryOf(address: string): string {
    return `${this.roots.sys}/bus/pci/devices/${address}`;
  }

  addFunction(
    address: string,
    { class: code = '0x020000', driver, group, files = {} }: FakeFunction = {},
  ): void {
    const directory = this.directoryOf(address);
    this.write(`${directory}/vendor`, '0x8086\n');
    this.write(`${directory}/class`, `${code}\n`);
    if (driver !== undefined) {
      mkdirSync(`${this.roots.sys}/bus/pci/drivers/${driver}`, { recursive: true });
      symlinkSync(`../../drivers/${driver}`, `${directory}/driver`);
    }
    if (group !== undefined) {
      mkdirSync(`${this.roots.sys}/kernel/iommu_groups/${group}/devices`, { recursive: true });
      symlinkSync(`../../../../kernel/iommu_groups/${group}`, `${directory}/iommu_group`);
      symlinkSync(
        `../../../../bus/pci/devices/${address}`,
        `${this.roots.sys}/kernel/iommu_groups/${group}/devices/${address}`,
      );
    }
    for (const [name, content] of Object.entries(files)) {
      if (content === null) mkdirSync(`${directory}/${name}`, { recursive: true });
      else this.write(`${directory}/${name}`, content);
    }
  }

  /** Makes `vf` VF number `index` of `pf`. */
  linkVf(pf: string, vf: string, index: number): void {
    symlinkSync(`../${vf}`, `${this.directoryOf(pf)}/virtfn${index}`);
    symlinkSync(`../${pf}`, `${this.directoryOf(vf)}/physfn`);
  }

  /** A net device of a function. */
  addNetDevice(address: string, name: string, flags: string, uppers: readonly string[] = []): void {
    const directory = `${this.roots.sys}/class/net/${name}`;
    this.write(`${directory}/ifindex`, '7\n');
    this.write(`${directory}/flags`, `${flags}\n`);
    for (const upper of uppers) mkdirSync(`${directory}/upper_${upper}`);
    mkdirSync(`${this.directoryOf(address)}/net/${name}`, { recursive: true });
  }

  /** A process with these files open. */
  addProcess(id: number, name: string, open: readonly string[]): void {
    this.write(`${this.roots.proc}/${id}/comm`, `${name}\n`);
    mkdirSync(`${this.roots.proc}/${id}/fd`);
    for (const [index, file] of open.entries()) symlinkSync(file, `${this.roots.proc}/${id}/fd/${index}`);
  }

  write(file: string, content: string): void {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
