/**
 * From the addon's records to frozen links.
 *
 * Owns the meaning of each place. Must trust the addon for the structure.
 */
import type { LinkState, OperState } from './link.ts';
import { LINK, type LinkNews } from './native.ts';

/** linux/if.h: 1 << 0 and 1 << 16. */
const IFF_UP = 1;
const IFF_LOWER_UP = 0x10000;

/** IF_OPER_*, in order (linux/if.h). */
const OPER_STATES: readonly OperState[] = [
  'unknown',
  'notpresent',
  'down',
  'lowerlayerdown',
  'testing',
  'dormant',
  'up',
];

/** The link whose record begins at `at`. */
export function decodeLink(news: LinkNews, at: number): LinkState {
  const number = (place: number): number => Number(news[at + place]);
  const text = (place: number): string | null => String(news[at + place]) || null;
  const flags = number(LINK.netFlags);
  return Object.freeze({
    ifindex: number(LINK.ifindex),
    name: text(LINK.name) ?? '',
    device: text(LINK.device),
    bus: text(LINK.bus),
    portName: text(LINK.portName),
    kind: text(LINK.kind),
    up: (flags & IFF_UP) !== 0,
    carrier: (flags & IFF_LOWER_UP) !== 0,
    operState: OPER_STATES[number(LINK.operState)] ?? 'unknown',
    mtu: number(LINK.mtu),
    mac: text(LINK.mac),
    master: number(LINK.master) || null,
    alias: text(LINK.alias),
  });
}
