/**
 * Reads what a shared object asks of the system that loads it, through binutils' readelf.
 *
 * Owns the parsing of readelf's text; what is allowed is decided in abi.mjs. Must never run the object.
 */

import { execFileSync } from 'node:child_process';

/**
 * @typedef {object} ElfSymbol
 * @property {string} name without its version
 * @property {string | undefined} version such as `GLIBC_2.14`; undefined when the symbol has none
 * @property {boolean} defined false when another object must bring it
 * @property {boolean} weak true when it may be missing
 */

/**
 * @typedef {object} ElfFacts
 * @property {string} machine as readelf calls it, such as `AArch64`
 * @property {string[]} needed sonames of the libraries it is linked against
 * @property {string[]} flags dynamic tags of interest that are present: RPATH, RUNPATH, TEXTREL
 * @property {ElfSymbol[]} symbols the dynamic symbols, but for local ones
 */

/**
 * @param {string} file
 * @returns {ElfFacts}
 * @throws {Error} when readelf is missing or the file is no ELF object
 */
export function readElf(file) {
  const text = execFileSync('readelf', ['--wide', '--file-header', '--dynamic', '--dyn-syms', file], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 64 << 20,
  });
  return parseReadelf(text);
}

/**
 * @param {string} text of `readelf --wide --file-header --dynamic --dyn-syms`
 * @returns {ElfFacts}
 */
export function parseReadelf(text) {
  const machine = /^\s*Machine:\s+(.+)$/m.exec(text)?.[1]?.trim();
  if (machine === undefined) throw new Error('readelf printed no ELF header');
  const needed = [...text.matchAll(/\(NEEDED\)\s+Shared library: \[(.+?)\]/g)].map((match) => match[1] ?? '');
  const flags = ['RPATH', 'RUNPATH', 'TEXTREL'].filter((tag) => text.includes(`(${tag})`));
  return { machine, needed, flags, symbols: parseSymbols(text) };
}

/**
 * Lines such as `6: 0000000000000000 0 FUNC GLOBAL DEFAULT UND memcpy@GLIBC_2.14 (3)`.
 * @param {string} text
 * @returns {ElfSymbol[]}
 */
function parseSymbols(text) {
  const line = /^\s*\d+: [0-9a-f]+\s+\S+\s+\S+\s+(\S+)\s+\S+\s+(\S+)\s+(\S+)/gm;
  const symbols = [];
  for (const [, binding, section, versioned = ''] of text.matchAll(line)) {
    if (binding === 'LOCAL') continue;
    const [name = '', version] = versioned.split(/@+/);
    symbols.push({ name, version, defined: section !== 'UND', weak: binding === 'WEAK' });
  }
  return symbols;
}
