/**
 * Where the headers of the running Node are, for node-gyp.
 *
 * Owns the search. Must never download: that is what node-gyp does when nothing is found here.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** @param {string} prefix @returns {boolean} whether a directory can be given to node-gyp's --nodedir */
const hasHeaders = (prefix) => existsSync(path.join(prefix, 'include/node/node_api.h'));

/**
 * @returns {string | undefined} a directory for `--nodedir`: what the user configured, else the prefix that
 *   Node was installed to if its headers are there; undefined: let node-gyp download them
 */
export function nodeHeaders() {
  const fromEnvironment = process.env.npm_config_nodedir;
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  const prefix = path.dirname(path.dirname(realpathSync(process.execPath)));
  if (hasHeaders(prefix)) return prefix;
  return fromNpmConfig();
}

/** npm hands its configuration to scripts it runs; a script run by hand has to ask. */
function fromNpmConfig() {
  try {
    const value = execFileSync('npm', ['config', 'get', 'nodedir'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return value !== '' && value !== 'undefined' && hasHeaders(value) ? value : undefined;
  } catch {
    return undefined; // no npm beside this Node: nothing is configured
  }
}
