/** Settings of many VFs, for benchmarks. */

/** @typedef {import('../../src/index.ts').VfConfig} VfConfig */

/** @param {number} vf @returns {string} */
export const macOf = (vf) => `02:00:00:00:${hex(vf >> 8)}:${hex(vf & 255)}`;

const hex = (/** @type {number} */ byte) => byte.toString(16).padStart(2, '0');

/** What an agent sets for each port: MAC, VLAN and spoof check. @param {number} count @returns {VfConfig[]} */
export const portConfigs = (count) =>
  Array.from({ length: count }, (_, vf) => ({
    vf,
    mac: macOf(vf),
    vlan: { id: 1 + (vf % 4094) },
    spoofCheck: true,
  }));
