/**
 * The same settings as input of `ip -batch`, and running it.
 *
 * Owns the words of ip-link(8). One line is one VF with all its settings, which is how ip is fastest.
 */

import { spawnSync } from 'node:child_process';

/** @param {string} pf @param {import('../../src/index.ts').VfConfig} config @returns {string} */
export function ipLine(pf, { vf, mac, vlan, rate, spoofCheck, trust, linkState, rssQuery }) {
  const words = ['link set dev', pf, 'vf', vf];
  /** @param {string} word @param {boolean | null | undefined} value */
  const flag = (word, value) => {
    if (value !== undefined) words.push(word, value === true ? 'on' : 'off');
  };
  if (mac !== undefined) words.push('mac', mac ?? '00:00:00:00:00:00');
  if (vlan !== undefined) words.push('vlan', vlan?.id ?? 0);
  if (vlan?.qos !== undefined) words.push('qos', vlan.qos);
  if (vlan?.proto !== undefined) words.push('proto', vlan.proto);
  if (rate === null) words.push('min_tx_rate 0 max_tx_rate 0');
  if (rate?.min !== undefined) words.push('min_tx_rate', rate.min);
  if (rate?.max !== undefined) words.push('max_tx_rate', rate.max);
  flag('spoofchk', spoofCheck);
  if (linkState !== undefined) words.push('state', linkState ?? 'auto');
  flag('trust', trust);
  flag('query_rss', rssQuery);
  return words.join(' ');
}

/** @param {string} input @returns {number} nanoseconds from start to exit of `ip -batch` */
export function runIpBatch(input) {
  const start = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync('ip', ['-batch', '-'], { input, encoding: 'utf8' });
  const took = Number(process.hrtime.bigint() - start);
  if (error !== undefined || status !== 0) throw new Error(`ip -batch: ${error?.message ?? stderr}`);
  return took;
}
