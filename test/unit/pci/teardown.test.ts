/**
 * What becomes of an enumeration whose thread or process ends meanwhile.
 *
 * Owns ends of environments. Each runs in a process of its own: what goes wrong there aborts it.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPfsWithVfs, FakeSysfs } from './fake-sysfs.mjs';

const addonFile =
  process.env['SRIOV_ADDON'] ?? fileURLToPath(new URL('../../../build/Release/sriov.node', import.meta.url));

let sysfs: FakeSysfs;
beforeAll(() => {
  sysfs = new FakeSysfs();
  addPfsWithVfs(sysfs, 2, 255);
});
afterAll(() => sysfs.destroy());

function run(script: string): { status: number | null; stdout: string; stderr: string } {
  const argv = ['-e', script, addonFile, sysfs.root];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('an enumeration that is under way', () => {
  it('does not hurt when its worker thread is terminated', { timeout: 120_000 }, () => {
    const script = `
      const { Worker } = require('node:worker_threads');
      const { once } = require('node:events');
      const { setTimeout: pause } = require('node:timers/promises');
      const code = \`const { parentPort, workerData } = require('node:worker_threads');
        require(workerData[0]).enumeratePci(workerData[1]);
        parentPort.postMessage('started');
        setInterval(() => {}, 1000);\`;
      (async () => {
        for (let i = 0; i < 20; i++) {
          const worker = new Worker(code, { eval: true, workerData: process.argv.slice(1) });
          await once(worker, 'message');
          await pause(i % 8);
          await worker.terminate();
        }
        console.log('alive');
      })();`;
    expect(run(script)).toEqual({ status: 0, stdout: 'alive\n', stderr: '' });
  });

  it('does not hurt when the process exits', () => {
    const script = `
      require(process.argv[1]).enumeratePci(process.argv[2]);
      setTimeout(() => process.exit(7), 2);`;
    expect(run(script)).toEqual({ status: 7, stdout: '', stderr: '' });
  });

  it('keeps the process alive until it is through', () => {
    const script = `
      require(process.argv[1]).enumeratePci(process.argv[2]).then((buffer) => console.log(buffer.byteLength > 512 * 68));`;
    expect(run(script)).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
  });
});
