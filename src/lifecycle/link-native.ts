/**
 * The part of the addon that makes, changes and removes links: the twin of `native/node/link_binding.cc`.
 *
 * Owns its typed interface; `macvtap.ts` gives it meaning.
 */

/** An errno alone if there was no thread to do it. */
export type LinkOutcome = readonly [errno: number, extendedAck: string | undefined, ifindex: number] | number;

export interface LinkNative {
  /** In passthru mode on the link `lower`; gives the new ifindex. */
  makeMacvtap(lower: number, name: string): Promise<LinkOutcome>;
  removeLink(ifindex: number): Promise<LinkOutcome>;
  /** What is undefined stays as it is. */
  changeLink(ifindex: number, mac: Uint8Array | undefined, up: boolean | undefined): Promise<LinkOutcome>;
}
