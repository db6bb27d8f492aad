/** `sriov conformance --pf PF`: tries everything on one VF, and puts everything back. */
import { writeFile } from 'node:fs/promises';
import { type ConformanceReport, failuresOf } from '../../conformance/result.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { loadLibrary } from '../library.ts';
import { count, type Paint, table } from '../output.ts';
import { UsageError } from '../usage-error.ts';

export function conformanceText(report: ConformanceReport, paint: Paint): string {
  const head = `${report.pf}: ${report.device ?? 'device unknown'}, driver ${report.driver ?? 'unknown'}, Linux ${report.kernel}, tried on VF ${report.vf} of ${report.vfs}\n`;
  const settings = report.settings.map((one) => [
    one.attribute,
    one.value,
    one.outcome === 'refused' ? `refused: ${one.code}` : one.outcome,
    one.laterMs === undefined ? '-' : `${one.laterMs}`,
    one.medianMs.toFixed(3),
    one.longestMs.toFixed(3),
  ]);
  const parts = [
    head,
    table(['SETTING', 'VALUE', 'OUTCOME', 'LATER-MS', 'MEDIAN-MS', 'LONGEST-MS'], settings, paint),
  ];
  if (report.survival.length > 0) {
    const rows = report.survival.map((one) => [
      one.event,
      one.attribute,
      one.survives ? 'reads back' : 'lost',
    ]);
    parts.push(table(['AFTER', 'SETTING', 'IT'], rows, paint));
  }
  if (report.dataPath.length > 0) {
    const rows = report.dataPath.map((one) => [one.outcome, one.check, one.detail]);
    parts.push(table(['FRAMES', 'CHECK', 'SEEN'], rows, paint));
  }
  const failures = failuresOf(report);
  const restored =
    report.notRestored.length === 0 ? 'everything was put back' : 'NOT everything was put back';
  parts.push(`${failures.length === 0 ? 'no failures' : count(failures.length, 'failure')}, ${restored}\n`);
  return parts.join('\n');
}

function wantedVfs(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new UsageError(`"${String(text)}" is no number of VFs; write 1 or more`);
}

export const conformance: Command = {
  name: 'conformance',
  summary: 'try what the driver does with VF settings',
  args: [],
  options: [
    ['--pf <pf>', 'name, ifindex or PCI address; the port should be free for the test'],
    ['--vfs <count>', 'VFs to make where there are none; default 1'],
    ['--peer <device>', 'net device on the same wire: proves the data path with frames'],
    ['--force', 'run although the PF or a VF is in use; traffic will break'],
    ['--junit <file>', 'write the result as JUnit XML as well'],
  ],
  examples: [
    ['sriov conformance --pf enp3s0f0', 'settings, ranges, cost, and what survives resets'],
    ['sriov conformance --pf enp3s0f0 --peer enp3s0f1 --junit result.xml', 'with frames over a cable'],
  ],
  notes:
    'Settings are tried on VF 0, the PF is taken down and reset, and with --peer the driver of the VF is restarted.\n' +
    'Everything is put back at the end, also after SIGINT or SIGTERM. A PF with an address or an upper device, or with\n' +
    'a VF in use, is refused (exit 75) without --force. A time is how long the kernel holds its rtnl lock at most.',
  async run({ options, io, say }) {
    if (options['pf'] === undefined) throw new UsageError('conformance needs --pf PF');
    const { PhysicalFunction } = await loadLibrary();
    const { runConformance } = await import('../../conformance/run.ts');
    const vfs = wantedVfs(options['vfs']);
    const report = await runConformance(PhysicalFunction.open(String(options['pf'])), {
      force: options['force'] === true,
      progress: (text) => say(`${text} ...\n`),
      signal: io.interruption(),
      ...(vfs === undefined ? {} : { vfs }),
      ...(options['peer'] === undefined ? {} : { peer: String(options['peer']) }),
    });
    if (options['junit'] !== undefined) {
      const { toJunit } = await import('../../conformance/junit.ts');
      await writeFile(String(options['junit']), toJunit(report));
    }
    const failures = failuresOf(report);
    return {
      data: { ...report, failures },
      text: conformanceText(report, io.paint),
      warnings: report.skipped.map((what) => `not run: ${what}`),
      failures: failures.map((what) => `failed: ${report.pf} ${what}`),
      exitCode: failures.length === 0 ? EXIT.done : EXIT.failed,
    };
  },
};
