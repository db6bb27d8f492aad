/**
 * What the shipped addon may ask of the system that loads it, and whether it does.
 *
 * Owns the rules; elf.mjs reads the facts. Must never be loosened to let a build pass: each rule stands
 * for systems on which the addon would not load.
 */

/** The oldest glibc that Node 20 itself runs on. */
export const GLIBC_FLOOR = '2.28';

/** The symbols that Node looks up in an addon; nothing else may be visible. */
export const ENTRY_POINTS = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];

/** Symbols of the compiler's start files, which no C library needs to have. */
const START_FILES = ['__gmon_start__', '_ITM_deregisterTMCloneTable', '_ITM_registerTMCloneTable'];

/** readelf's machine name by the directory name that node-gyp-build looks for. */
const MACHINES = { x64: 'Advanced Micro Devices X86-64', arm64: 'AArch64' };

/** What to do about the symbols that are easiest to use by accident. */
const REMEDIES = [
  [/^(f|l)?stat(at)?(64)?$/, 'call statx(), which glibc 2.28 has'],
  [/^gettid$/, 'call syscall(SYS_gettid)'],
  [/^pthread_/, 'add it to native/runtime/glibc_floor.h'],
  [/^__.*_chk$/, 'musl lacks it: build with -U_FORTIFY_SOURCE'],
  [/^__isoc23_/, 'it comes of C23 headers: build with -std=c++17, not gnu++'],
  [/^_Z/, 'it is libstdc++: do without, or bring it in native/runtime/'],
];

/**
 * @param {import('./elf.mjs').ElfFacts} facts
 * @param {string} [arch] as in `process.arch`; absent: either
 * @returns {string[]} one sentence for each broken rule; empty when the addon loads everywhere
 */
export function abiViolations(facts, arch) {
  return [
    ...machineViolations(facts, arch),
    ...facts.flags.map((flag) => `it has ${flag}`),
    ...libraryViolations(facts),
    ...facts.symbols.flatMap((symbol) =>
      symbol.defined ? exportViolations(symbol) : importViolations(symbol),
    ),
    ...ENTRY_POINTS.filter(
      (name) => !facts.symbols.some((symbol) => symbol.defined && symbol.name === name),
    ).map((name) => `it does not define ${name}, by which Node finds an addon`),
  ];
}

/** @param {import('./elf.mjs').ElfFacts} facts @returns {string} the highest glibc version asked for, or '0' */
export function glibcNeeded(facts) {
  let highest = '0';
  for (const { version, defined } of facts.symbols) {
    const number = /^GLIBC_([\d.]+)$/.exec(version ?? '')?.[1];
    if (!defined && number !== undefined && compareVersions(number, highest) > 0) highest = number;
  }
  return highest;
}

/** @param {import('./elf.mjs').ElfFacts} facts @param {string | undefined} arch */
function machineViolations(facts, arch) {
  const known = /** @type {Record<string, string>} */ (MACHINES);
  const expected = arch === undefined ? Object.values(known) : [known[arch] ?? `no known machine (${arch})`];
  return expected.includes(facts.machine)
    ? []
    : [`it is for ${facts.machine}, not for ${expected.join(' or ')}`];
}

/** @param {import('./elf.mjs').ElfFacts} facts */
function libraryViolations(facts) {
  const extra = facts.needed.filter((library) => library !== 'libc.so.6');
  const missing = facts.needed.includes('libc.so.6') ? [] : ['it is not linked against libc.so.6'];
  return [...missing, ...extra.map((library) => `it needs ${library}; only libc.so.6 is on every system`)];
}

/** @param {import('./elf.mjs').ElfSymbol} symbol */
function exportViolations({ name }) {
  return ENTRY_POINTS.includes(name) ? [] : [`it exports ${name}; see native/runtime/exports.map`];
}

/** @param {import('./elf.mjs').ElfSymbol} symbol */
function importViolations({ name, version }) {
  const number = /^GLIBC_([\d.]+)$/.exec(version ?? '')?.[1];
  const remedy = REMEDIES.find(([pattern]) => /** @type {RegExp} */ (pattern).test(name))?.[1];
  const advice = remedy === undefined ? '' : ` (${remedy})`;
  if (/^_Z|^__.*_chk$|^__isoc23_/.test(name)) return [`it asks for ${name}${advice}`];
  if (number !== undefined) {
    return compareVersions(number, GLIBC_FLOOR) <= 0
      ? []
      : [`it asks for ${name} of glibc ${number}, newer than ${GLIBC_FLOOR}${advice}`];
  }
  if (version !== undefined) return [`it asks for ${name} of ${version}${advice}`];
  const fromNode = /^(napi|node_api)_/.test(name);
  return fromNode || START_FILES.includes(name)
    ? []
    : [`it asks for ${name}, which no library was named for${advice}`];
}

/** @param {string} a @param {string} b @returns {number} below, at or above zero */
function compareVersions(a, b) {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
