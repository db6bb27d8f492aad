/** `sriov store export|import|check`: the store of bindings as a document, and whether its records agree. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Finding } from '../../store/check.ts';
import type { StoreDocument } from '../../store/export.ts';
import { StoreError } from '../../store/errors.ts';
import type { Store } from '../../store/store.ts';
import type { Command, Invocation, OptionSpec } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { toJson } from '../json.ts';
import { count } from '../output.ts';
import { UsageError } from '../usage-error.ts';

const STORE_OPTION: OptionSpec = ['--store <path>', 'where bindings are kept'];

/** Opens the store that the options name; only an import may make one. */
async function withStore<T>(
  { options }: Invocation,
  create: boolean,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const path = options['store'];
  if (path === '') throw new UsageError('--store needs a path');
  const { openLmdbStore } = await import('../../store/lmdb-store.ts');
  const store = await openLmdbStore(typeof path === 'string' ? path : undefined, { create });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function readDocument(file: string, readInput: () => Promise<string>): Promise<unknown> {
  let text: string;
  try {
    text = file === '-' ? await readInput() : await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`export ${file} cannot be read: ${(error as Error).message}`, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`export ${file} is not JSON: ${(error as Error).message}`, error);
  }
}

export const storeExport: Command = {
  name: 'store export',
  summary: 'write all that the store holds as JSON',
  args: [['[file]', 'new file for its owner alone; absent: standard output']],
  options: [STORE_OPTION],
  examples: [
    ['sriov store export backup.json', 'a back-up, consistent while others go on writing'],
    ["sriov store export | jq -r '.entries[].key'", 'the keys'],
  ],
  async run(invocation) {
    const { exportStore } = await import('../../store/export.ts');
    const document: StoreDocument = await withStore(invocation, false, exportStore);
    const text = `${toJson(document)}\n`;
    const [file] = invocation.args;
    const done = { warnings: [], failures: [], exitCode: EXIT.done };
    if (file === undefined) return { data: document, text, ...done };
    try {
      await writeFile(file, text, { mode: 0o600, flag: 'wx', flush: true });
    } catch (error) {
      throw new UsageError(`${file} cannot be written: ${(error as Error).message}`, error);
    }
    const { entries, revision } = document;
    const data = { file, entries: entries.length, revision };
    return { data, text: `${file}: ${entries.length} entries at revision ${revision}\n`, ...done };
  },
};

export const storeImport: Command = {
  name: 'store import',
  summary: 'fill the store from an export',
  args: [['<file>', 'what "store export" wrote, "-" is standard input']],
  options: [
    STORE_OPTION,
    ['--replace', 'delete what the store holds; without it a store that is not empty is refused'],
    ['--dry-run', 'show what would be done, change nothing'],
  ],
  examples: [
    ['sriov store import backup.json --dry-run', 'whether it would work, and how much it is'],
    ['sriov store import backup.json --replace', 'all of it in one commit'],
  ],
  notes: 'VFs are not touched. Stop what binds ports first, and run "sriov recover" afterwards.',
  async run(invocation) {
    const { args, options, io } = invocation;
    const document = await readDocument(args[0] ?? '-', io.readInput);
    const { importStore, readDocument: validate } = await import('../../store/export.ts');
    // Before a store is made.
    const { entries } = validate(document);
    const dryRun = options['dryRun'] === true;
    const report = await withStore(invocation, !dryRun, (store) =>
      importStore(store, document, { replace: options['replace'] === true, dryRun }),
    ).catch((error: unknown) => {
      // To be made by the import, and not by trying.
      if (!dryRun || !(error instanceof StoreError) || error.code !== 'ENOENT') throw error;
      return { written: entries.length, deleted: 0, revision: 0 };
    });
    const verb = dryRun ? 'would be ' : '';
    const text = `${report.written} entries ${verb}written, ${report.deleted} ${verb}deleted\n`;
    return { data: { dryRun, ...report }, text, warnings: [], failures: [], exitCode: EXIT.done };
  },
};

export const storeCheck: Command = {
  name: 'store check',
  summary: 'check that the records in the store agree with each other',
  args: [],
  options: [STORE_OPTION],
  examples: [
    ['sriov store check', 'exit 1 and a line for each finding'],
    ["sriov store check --json | jq -r '.data.findings[].key'", 'the entries concerned'],
  ],
  async run(invocation) {
    const { checkStore } = await import('../../store/check.ts');
    const findings: readonly Finding[] = await withStore(invocation, false, checkStore);
    return {
      data: { findings },
      text: findings.length === 0 ? 'no findings\n' : `${count(findings.length, 'finding')}\n`,
      warnings: [],
      failures: findings.map(({ code, key, message }) => `${code}: ${key}: ${message}`),
      exitCode: findings.length === 0 ? EXIT.done : EXIT.failed,
    };
  },
};
