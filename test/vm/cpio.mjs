// @ts-check
/**
 * The kernel's initramfs format: "newc" cpio, as in Documentation/driver-api/early-userspace/buffer-format.rst.
 *
 * Owns the bytes. Writing them here needs no root for device nodes and no cpio program. Must never
 * compress: unpacking costs the emulated processor more than QEMU's copy.
 */

/**
 * @typedef {object} CpioEntry
 * @property {string} name path without a leading slash
 * @property {number} mode type and permission bits, as in stat(2)
 * @property {Buffer} [data] a file's bytes or a link's target
 * @property {[number, number]} [device] major and minor of a device node
 */

/**
 * @param {CpioEntry[]} entries parents before children
 * @returns {Buffer} the archive with its trailer
 */
export function cpio(entries) {
  /** @type {Buffer[]} */
  const parts = [];
  const all = [...entries, { name: 'TRAILER!!!', mode: 0 }];
  for (const [index, entry] of all.entries()) {
    const data = entry.data ?? Buffer.alloc(0);
    const name = Buffer.from(`${entry.name}\0`);
    const [major, minor] = entry.device ?? [0, 0];
    // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
    const fields = [index + 1, entry.mode, 0, 0, 1, 0, data.length, 0, 0, major, minor, name.length, 0];
    const header = '070701' + fields.map((field) => field.toString(16).padStart(8, '0')).join('');
    parts.push(aligned(Buffer.concat([Buffer.from(header), name])), aligned(data));
  }
  return Buffer.concat(parts);
}

/**
 * @param {Buffer} bytes
 * @returns {Buffer} the bytes with zeros up to a multiple of four
 */
function aligned(bytes) {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
