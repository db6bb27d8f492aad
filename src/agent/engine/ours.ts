/**
 * Which PFs are the agent's business.
 *
 * Owns the filter by mappings. A PF that was ours stays ours under any name, until the mappings change.
 */
import { formatPciAddress, isPciAddress, parsePciAddress } from '../../pci/address.ts';
import type { BindPolicy } from '../../binding/policy.ts';

export class Ours {
  readonly #names: ReadonlySet<string> | undefined;
  readonly #known = new Set<string>();

  /** Without mappings every PF is. */
  constructor({ mappings }: BindPolicy) {
    if (mappings === undefined) return;
    const names = [...mappings.values()].flat();
    this.#names = new Set(
      names.map((name) => (isPciAddress(name) ? formatPciAddress(parsePciAddress(name)) : name)),
    );
  }

  /** @param netDevice - undefined = it has none just now, and nobody can tell by which name it goes */
  has(pf: string, netDevice: string | undefined): boolean {
    if (this.#names === undefined || this.#known.has(pf)) return true;
    if (this.#names.has(pf) || (netDevice !== undefined && this.#names.has(netDevice))) {
      this.#known.add(pf);
      return true;
    }
    return netDevice === undefined;
  }
}
