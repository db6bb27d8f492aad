/**
 * The part of the addon that reads PCI functions.
 *
 * Owns its typed interface; native/node/pci_binding.h says the same in C++.
 */

/** Both functions give the bytes that layout.ts describes; an error of the kernel's is within them. */
export interface PciNative {
  /** Reads on libuv's thread pool: the caller must have one running at a time. */
  enumeratePci(root: string): Promise<ArrayBuffer>;
  /** Blocks the calling thread, for as long as rtnl is held by others. */
  enumeratePciSync(root: string): ArrayBuffer;
}
