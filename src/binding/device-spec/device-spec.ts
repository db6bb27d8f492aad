/**
 * One entry of Nova's `[pci] device_spec`: which functions may be given to ports, and what is said of them.
 */

export interface DeviceSpec {
  /** Free tags such as `physical_network` and `trusted`, values as text. */
  readonly tags: Readonly<Record<string, string>>;
}
