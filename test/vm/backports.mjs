// @ts-check
/**
 * The backports suite: where a stable Debian finds a QEMU that emulates igb.
 *
 * Owns one file, /etc/apt/sources.list.d/sriov-backports.sources, whose mirror and key are copied
 * from the host's own sources. Must never edit any other apt configuration: backports has priority
 * 100, so nothing comes from it unless it is asked for by `-t`.
 */

import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const BACKPORTS_FILE = '/etc/apt/sources.list.d/sriov-backports.sources';

/**
 * @typedef {object} AptSource
 * @property {string[]} uris
 * @property {string[]} suites
 * @property {Record<string, string>} options deb822 fields that say how to trust and reach the mirror
 */

/** deb822 fields that carry over to another suite of the same mirror. */
const CARRIED = ['signed-by', 'trusted', 'allow-insecure', 'architectures', 'by-hash', 'check-valid-until'];

/**
 * @param {string} text a deb822 file
 * @returns {AptSource[]} its enabled binary sources
 */
export function parseDeb822(text) {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    /** @type {Record<string, string>} */
    const fields = {};
    let name = '';
    for (const line of stanza.split('\n')) {
      if (line.startsWith('#')) continue;
      const [, key, value] = /^([A-Za-z-]+):(.*)$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) {
        name = key.toLowerCase();
        fields[name] = value.trim();
      } else if (name && /^\s+\S/.test(line)) {
        fields[name] += `\n${line}`;
      }
    }
    if (!/\bdeb\b/.test(fields.types ?? '') || /^(no|false|0)$/i.test(fields.enabled ?? '')) return [];
    const options = Object.fromEntries(Object.entries(fields).filter(([key]) => CARRIED.includes(key)));
    const words = (/** @type {string | undefined} */ value) => (value ?? '').split(/\s+/).filter(Boolean);
    return [{ uris: words(fields.uris), suites: words(fields.suites), options }];
  });
}

/**
 * @param {string} text a one-line-style sources.list
 * @returns {AptSource[]} its binary sources
 */
export function parseOneLine(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/.exec(line);
    const [, words = '', uri, suite] = match ?? [];
    if (uri === undefined || suite === undefined) return [];
    /** @type {Record<string, string>} */
    const options = {};
    for (const option of words.split(/\s+/).filter(Boolean)) {
      const [key = '', value = ''] = option.split('=');
      const name = key === 'arch' ? 'architectures' : key.toLowerCase();
      if (CARRIED.includes(name)) options[name] = value.replaceAll(',', ' ');
    }
    return [{ uris: [uri], suites: [suite], options }];
  });
}

/**
 * @param {AptSource[]} sources
 * @param {string} codename the release, as in VERSION_CODENAME of os-release
 * @returns {string | null} a deb822 source of its backports, or null if no source has the release itself
 */
export function deriveBackports(sources, codename) {
  const base = sources.find((source) => source.suites.includes(codename));
  if (!base) return null;
  const options = Object.entries(base.options).map(([key, value]) => `${key}: ${value}`);
  return [
    '# Written by the sriov test set-up: QEMU 8 or newer, which emulates the igb NIC.',
    '# Nothing is taken from here unless asked for; remove this file at will.',
    'Types: deb',
    `URIs: ${base.uris.join(' ')}`,
    `Suites: ${codename}-backports`,
    'Components: main',
    ...options,
    '',
  ].join('\n');
}

/** @returns {Promise<AptSource[]>} every binary source that the host's apt uses */
export async function readHostSources() {
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => /** @type {string[]} */ ([]));
  const read = (/** @type {string} */ path) => readFile(path, 'utf8').catch(() => '');
  const sources = parseOneLine(await read('/etc/apt/sources.list'));
  for (const name of names.sort()) {
    if (name.endsWith('.list')) sources.push(...parseOneLine(await read(join(folder, name))));
    if (name.endsWith('.sources')) sources.push(...parseDeb822(await read(join(folder, name))));
  }
  return sources;
}

/** @returns {Promise<string>} the host release's code name, empty if it has none */
export async function hostCodename() {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^VERSION_CODENAME="?([^"\n]*)/m.exec(text)?.[1] ?? '';
}

/**
 * @param {string} text what `deriveBackports` returned
 * @returns {Promise<void>}
 */
export async function writeBackports(text) {
  await writeFile(BACKPORTS_FILE, text, { mode: 0o644 });
}
