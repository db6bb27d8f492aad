// @ts-check
/**
 * The harness's error type.
 *
 * Owns the codes by which callers tell a fault of the machine from a fault of the command in it.
 * A command that merely exits non-zero is never an error here: its status is the result.
 */

/**
 * @typedef {"SETUP" | "BUILD" | "BOOT" | "GUEST_DIED" | "PROTOCOL" | "USAGE"} VmErrorCode
 * - SETUP: a package or privilege is missing on the host; the message holds the command to run.
 * - BUILD: the guest image could not be made.
 * - BOOT: the machine did not come up before its deadline.
 * - GUEST_DIED: the guest's kernel panicked or QEMU ended while a command ran.
 * - PROTOCOL: the guest's agent said something that cannot be.
 * - USAGE: wrong arguments.
 */

export class VmError extends Error {
  /**
   * @param {VmErrorCode} code
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = 'VmError';
    /** @type {VmErrorCode} */
    this.code = code;
  }
}
