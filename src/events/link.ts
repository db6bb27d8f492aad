/**
 * Network devices and what happens to them, as the watcher tells it.
 *
 * Owns the public types, and when two states are the same. Never holds VFs: notifications have none.
 */

/**
 * State of a link (RFC 2863, `IF_OPER_*`). `unknown` is normal for drivers that do not say, netdevsim among
 * them.
 */
export type OperState = 'unknown' | 'notpresent' | 'down' | 'lowerlayerdown' | 'testing' | 'dormant' | 'up';

/** A network device of this network namespace. Source: RTM_NEWLINK (rtnl_fill_ifinfo, net/core/rtnetlink.c). */
export interface LinkState {
  /** From 1; never used again for another link while the namespace lasts, unless someone asks for it. */
  readonly ifindex: number;
  readonly name: string;
  /**
   * The device behind it: a PCI address such as `0000:03:00.0`, `netdevsim1`, or the name that another bus
   * gives it. This, and not name or ifindex, is what stays when a driver is bound again. Null for links
   * without one (lo, bridges, VLANs). Several links may have the same: ports of a card, representors.
   */
  readonly device: string | null;
  /** Bus of {@link device}: `pci`, `netdevsim`, ...; null without a device. */
  readonly bus: string | null;
  /** Port name that the driver gives, e.g. `p0`, or `pf0vf3` for the representor of a VF; null for none. */
  readonly portName: string | null;
  /** Kind of a software link, e.g. `dummy` or `vlan`; null for most hardware. */
  readonly kind: string | null;
  /** Whether it is switched on (IFF_UP). */
  readonly up: boolean;
  /** Whether the layer below has a signal (IFF_LOWER_UP). */
  readonly carrier: boolean;
  readonly operState: OperState;
  /** Bytes, from 0. */
  readonly mtu: number;
  /** Hardware address in hexadecimal with colons, of any length; null for none. */
  readonly mac: string | null;
  /** ifindex of the bridge or bond that it is a port of; null for none. */
  readonly master: number | null;
  /** Free text that an administrator gave it (IFLA_IFALIAS); null for none. */
  readonly alias: string | null;
}

interface LinkEventCommon {
  readonly ifindex: number;
  readonly name: string;
  /** As {@link LinkState.device}. */
  readonly device: string | null;
}

/** A link is there that was not. */
export interface LinkAdded extends LinkEventCommon {
  readonly type: 'added';
  readonly link: LinkState;
}

/** A link is different from when the reader was last told. */
export interface LinkChanged extends LinkEventCommon {
  readonly type: 'changed';
  readonly link: LinkState;
  /** As the reader was last told. */
  readonly previous: LinkState;
  /** What differs, at least one. */
  readonly changes: readonly (keyof LinkState)[];
  /**
   * RTM_NEWLINK notifications that are melted together in this event, from 0. 0 = none: a reading of all links
   * after a loss showed the difference. Each rtnetlink message that sets something of VFs is one more, as long as
   * the PF is up, so that whoever sets VFs can tell the echo of his own messages from what others did. Those
   * that came in together with the link's {@link LinkAdded} are in no count. Of a link without a device,
   * those alone that changed something count.
   */
  readonly announcements: number;
}

/** A link is gone: unregistered, or moved to another network namespace. */
export interface LinkRemoved extends LinkEventCommon {
  readonly type: 'removed';
  /** As it last was. */
  readonly link: LinkState;
}

/**
 * The kernel announced a link that has a device, and nothing of {@link LinkState} differs. For a PF that is
 * up this is how a change of VF settings shows, of any of them and from anybody (do_setlink); reading
 * the VFs tells which.
 */
export interface LinkTouched extends LinkEventCommon {
  readonly type: 'touched';
  readonly link: LinkState;
  /** As {@link LinkChanged.announcements}; at least 1. */
  readonly announcements: number;
}

/**
 * With the events before this one, the reader knows every link; from here on nothing is missed. The first
 * one says that the watch has begun. One with `afterLoss` says that notifications were lost and
 * the links were read again: the differences have been told, but what shows in {@link LinkTouched} alone (VF settings)
 * may have changed on any PF.
 */
export interface LinksSynced {
  readonly type: 'synced';
  readonly afterLoss: boolean;
}

/** What a watch of links yields, told apart by `type`. */
export type LinkEvent = LinkAdded | LinkChanged | LinkRemoved | LinkTouched | LinksSynced;

const FIELDS: readonly (keyof LinkState)[] = [
  'ifindex',
  'name',
  'device',
  'bus',
  'portName',
  'kind',
  'up',
  'carrier',
  'operState',
  'mtu',
  'mac',
  'master',
  'alias',
];

/** The fields that differ. */
export function linkChanges(a: LinkState, b: LinkState): (keyof LinkState)[] {
  return a === b ? [] : FIELDS.filter((field) => a[field] !== b[field]);
}
