/** `sriov set PF VFS WORDS`: programs VFs in the words of ip link. */
import { AbortedError } from '../../errors.ts';
import type { PhysicalFunction } from '../../index.ts';
import type { VfConfig } from '../../vf/config.ts';
import type { ProgramAsyncOptions, ProgramReport } from '../../vf/report.ts';
import { type VfChange, changeLines, listChanges } from '../changes.ts';
import type { Command, Outcome } from '../command.ts';
import { EXIT, exitCodeForFailures } from '../exit-codes.ts';
import { type Library, loadLibrary } from '../library.ts';
import type { Paint } from '../output.ts';
import { checkVfNumbers } from '../plan/check.ts';
import { parseSetWords } from '../parse-words.ts';
import { PROGRAM_OPTIONS, programOptions } from '../program-options.ts';
import { failureCodes, failureLines, reportLine, reportWarnings } from '../report-text.ts';
import { UsageError } from '../usage-error.ts';
import { parseVfList } from '../vf-list.ts';
import { SET_WORDS, type VfSettings } from '../words.ts';

/** An address on two VFs would have two owners; a plan file can count addresses up instead. */
function checkAddresses(vfs: readonly number[], settings: VfSettings): void {
  if (vfs.length < 2) return;
  for (const key of ['mac', 'nodeGuid', 'portGuid'] as const) {
    if (typeof settings[key] !== 'string' || /^[0:]+$/.test(settings[key])) continue;
    throw new UsageError(
      `one address cannot be given to ${vfs.length} VFs; set them one by one, or use a plan file, ` +
        'where the address of a range counts up with the VF',
    );
  }
}

function reported(pf: string, report: ProgramReport): Outcome {
  return {
    data: { pf, dryRun: false, differences: null, changes: null, report },
    text: `${reportLine(pf, report)}\n`,
    warnings: reportWarnings(pf, report),
    failures: failureLines(pf, report),
    exitCode: exitCodeForFailures(failureCodes(report), report.applied),
  };
}

export function dryRunOutcome(
  pf: string,
  changes: readonly VfChange[],
  asked: boolean,
  paint: Paint,
): Outcome {
  const lines = changeLines(pf, changes, true, paint);
  return {
    data: { pf, dryRun: true, differences: changes.length > 0, changes, report: null },
    text: lines.length === 0 ? 'no changes\n' : lines.map((line) => `${line}\n`).join(''),
    warnings: [],
    failures: [],
    exitCode: asked && changes.length > 0 ? EXIT.differences : EXIT.done,
  };
}

/** An interrupted request has a report, too: what was done until then. */
async function programmed(
  pf: PhysicalFunction,
  configs: readonly VfConfig[],
  options: ProgramAsyncOptions,
): Promise<ProgramReport> {
  try {
    return await pf.programVfs(configs, options);
  } catch (error) {
    if (error instanceof AbortedError && error.report !== undefined) return error.report;
    throw error;
  }
}

function checked(library: Library, vfs: readonly number[], settings: VfSettings): VfConfig[] {
  // Checked once for all: every VF gets the same settings, so one message says it.
  library.parseVfConfigs([{ vf: vfs[0] ?? 0, ...settings }]);
  return vfs.map((vf) => ({ vf, ...settings }));
}

const width = Math.max(...SET_WORDS.map(({ word, values }) => word.length + values.length + 1));

export const set: Command = {
  name: 'set',
  summary: 'program VFs of a physical function',
  args: [
    ['<pf>', 'name, ifindex or PCI address'],
    ['<vfs>', 'VF numbers: 3, 0-63 or 0,2,8-15'],
    ['<words...>', 'what to set, see below; what is not named stays as it is'],
  ],
  options: [
    ['--dry-run', 'show the difference, change nothing'],
    ['--exit-code', 'with --dry-run: exit with 2 when there is a difference'],
    ...PROGRAM_OPTIONS,
  ],
  examples: [
    ['sriov set enp3s0f0 3 mac 02:00:00:00:00:03 vlan 100 qos 2', 'admin MAC and VLAN of VF 3'],
    ['sriov set enp3s0f0 0-63 spoofchk on trust off', 'the same for 64 VFs, in one message to the kernel'],
    ['sriov set enp3s0f0 0,4-7 max-rate 1000 link-state auto', 'rate in Mbit/s'],
    ['sriov set enp3s0f0 3 mac none vlan none rate none', 'clear'],
  ],
  notes: [
    "Words (ip link's own spellings work too: state, rate, min_tx_rate, max_tx_rate, query_rss, node_guid, port_guid):",
    ...SET_WORDS.map(({ word, values, meaning }) => `  ${`${word} ${values}`.padEnd(width)}  ${meaning}`),
  ].join('\n'),
  async run({ args, options, io }) {
    const [pfName = '', vfList = '', ...words] = args;
    const vfs = parseVfList(vfList);
    const settings = parseSetWords(words);
    checkAddresses(vfs, settings);
    const program = programOptions(options);
    const dryRun = options['dryRun'] === true;
    const asked = options['exitCode'] === true;
    if (asked && !dryRun)
      throw new UsageError('--exit-code needs --dry-run here: without it nothing is compared');

    const library = await loadLibrary();
    const configs = checked(library, vfs, settings);
    const pf = library.PhysicalFunction.open(pfName);
    const name = pf.name;
    checkVfNumbers(name, vfs, pf.numVfs());
    if (!dryRun)
      return reported(name, await programmed(pf, configs, { ...program, signal: io.interruption() }));
    const have = await pf.readVfs();
    const delta = library.diffVfs(library.VfTable.from(configs), have);
    return dryRunOutcome(name, listChanges(delta.toConfigs(), have.toConfigs()), asked, io.paint);
  },
};
