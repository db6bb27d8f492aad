/**
 * Network devices of a function, and which of them is the uplink.
 *
 * Owns the reading of port names; must not read files.
 */

/**
 * What an eswitch port stands for. Source: `phys_port_name`, as
 * `devlink_port_phys_port_name_get()` in the kernel's net/devlink/port.c writes it.
 */
export interface Representee {
  /** Number of the external controller (SmartNIC host), null for the local one. */
  readonly controller: number | null;
  /** Number of the PF; null in the old form that gives the VF alone. */
  readonly pf: number | null;
  /** Number of the VF; null for a representor of the PF itself or of a sub-function. */
  readonly vf: number | null;
  /** Number of the sub-function, or null. */
  readonly sf: number | null;
}

/** A network device of a function. */
export interface NetDevice {
  /** Index in this network namespace: it stays when the name changes. */
  readonly ifindex: number;
  /** Name at the time of reading. */
  readonly name: string;
  /**
   * `uplink`: the wire's side of an eswitch. `representor`: the host's end of a VF, sub-function or PF, see
   * {@link represents}. `port`: a device that is in no eswitch, as in legacy mode.
   */
  readonly role: 'port' | 'uplink' | 'representor';
  /** What a representor stands for; null for other roles, and when its port name is of no known form. */
  readonly represents: Representee | null;
  /** What it hangs on within the function: `virtio0`, `mlx5_core.sf.4`; null when on the function itself. */
  readonly via: string | null;
  /** RFC 2863 state (`operstate`): `up`, `down`, `dormant`, `lowerlayerdown`, `unknown`, ...; null if unreadable. */
  readonly operState: string | null;
  /** Whether there is a link; null while the device is down, when the kernel does not say. */
  readonly carrier: boolean | null;
  /** Mbit/s; null without carrier, and when the driver does not know. */
  readonly speedMbps: number | null;
  /** Number of the port on a function with several ports (`dev_port`), from 0; null if unreadable. */
  readonly devPort: number | null;
  /** `phys_switch_id`, in hexadecimal: equal for all ports of an eswitch. Null outside one, and on VFs. */
  readonly physSwitchId: string | null;
  /** `phys_port_name`: `p0`, `pf0vf3`, ...; null when the driver gives none, and on VFs. */
  readonly physPortName: string | null;
}

const CURRENT = /^(?:c(\d+))?pf(\d+)(?:vf(\d+)|sf(\d+))?$/;
/** Drivers before Linux 5.2: the VF's number alone, or `vf3@pf0`. */
const OLD = /^(?:(\d+)|vf(\d+)@pf(\d+))$/;
/** A port, perhaps split: `p0`, `p1s2`. */
const PORT = /^p\d+(?:s\d+)?$/;

/**
 * Tells the role of a network device from its switch id and port name.
 *
 * A port name alone does not make a representor: mlx5 names its port `p0` in legacy mode too.
 */
export function classifyPort(
  physSwitchId: string | null,
  physPortName: string | null,
): Pick<NetDevice, 'role' | 'represents'> {
  if (physSwitchId === null) return { role: 'port', represents: null };
  // Without a name there is nothing that it could stand for: mlx5 before Linux 5.1 left its uplink's out.
  if (physPortName === null || PORT.test(physPortName)) return { role: 'uplink', represents: null };
  const current = CURRENT.exec(physPortName);
  if (current !== null) {
    const [, controller, pf, vf, sf] = current;
    return represents(controller, pf, vf, sf);
  }
  const [, alone, vf, pf] = OLD.exec(physPortName) ?? [];
  if (alone !== undefined || vf !== undefined) return represents(undefined, pf, alone ?? vf, undefined);
  return { role: 'representor', represents: null };
}

function represents(
  controller: string | undefined,
  pf: string | undefined,
  vf: string | undefined,
  sf: string | undefined,
): Pick<NetDevice, 'role' | 'represents'> {
  return {
    role: 'representor',
    represents: Object.freeze({
      controller: number(controller),
      pf: number(pf),
      vf: number(vf),
      sf: number(sf),
    }),
  };
}

function number(digits: string | undefined): number | null {
  return digits === undefined ? null : Number(digits);
}
