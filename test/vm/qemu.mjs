// @ts-check
/**
 * QEMU's command line: the hardware that tests find.
 *
 * Owns the machine's shape. Must never give it a way to the outside: its NICs meet on a hub inside
 * QEMU, and its disks are folders of the host, of which only the checkout can be written.
 */

import { hasVirtioVfs } from './features.mjs';

/**
 * @typedef {object} Hardware
 * @property {number} memoryMiB at most MEMORY_MAX_MIB
 * @property {number} cpus
 * @property {"kvm" | "tcg"} accel
 */

/**
 * @typedef {object} Boot
 * @property {Hardware} hardware
 * @property {string} imageFolder
 * @property {string} checkout absolute path, the same on both sides
 * @property {string} token hexadecimal
 * @property {number} idleSeconds after which the machine ends when no command runs
 * @property {string} consoleLog
 * @property {string} socket
 */

/**
 * Above this q35 moves memory beyond 4 GiB and the firmware puts the PCI windows there; QEMU 10.0 then maps the
 * registers of a VF to the lower 32 bits of their address. igbvf reads zeros, waits two seconds for each VF's
 * mailbox, and no frame passes.
 */
export const MEMORY_MAX_MIB = 2815;

export const QEMU = 'qemu-system-x86_64';

/** Loaded at boot; all others are loaded by the kernel or by modprobe when they are asked for. */
const MODULES = ['netdevsim', 'igb', 'igbvf', 'virtio_net'];

/**
 * Kernel parameters of every boot.
 * - panic=-1, oops=panic: a fault ends the machine at once (QEMU has -no-reboot), so that no run
 *   goes on upon a broken kernel; the console's log has the trace.
 * - tsc=reliable: no clocksource watchdog. On a busy host it would find the emulated TSC unsteady and
 *   fall back to HPET, and clock_gettime would become a system call; tests count system calls.
 * - mitigations=off: emulated processors have nothing to leak, and the mitigations cost time.
 * - pci=realloc,assign-busses: room for VFs below the root ports; the firmware makes none.
 */
const PARAMETERS = [
  'console=ttyS0',
  'loglevel=5',
  'panic=-1',
  'oops=panic',
  'tsc=reliable',
  'mitigations=off',
  'audit=0',
  'random.trust_cpu=on',
  'net.ifnames=0',
  'pci=realloc,assign-busses',
];

/** Kernel parameters end at a blank and guest-init decodes %XX. @param {string} text */
const encode = (text) => encodeURI(text).replaceAll("'", '%27').replaceAll('"', '%22');

/**
 * @param {{ imageFolder: string, hardware: Hardware, parameters: string[], consoleLog: string }} options
 * @returns {string[]} what a bare boot of the image needs
 */
function base({ imageFolder, hardware, parameters, consoleLog }) {
  const { accel, cpus, memoryMiB } = hardware;
  return [
    ...['-name', 'sriov-vm', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-M', accel === 'kvm' ? 'q35,kernel-irqchip=split' : 'q35'],
    ...['-accel', accel === 'kvm' ? 'kvm' : 'tcg,thread=multi'],
    ...['-cpu', accel === 'kvm' ? 'host' : 'max'],
    ...['-smp', String(cpus), '-m', String(memoryMiB)],
    ...['-kernel', `${imageFolder}/vmlinuz`, '-initrd', `${imageFolder}/initramfs.cpio`],
    ...['-append', parameters.join(' '), '-serial', `file:${escape(consoleLog)}`],
  ];
}

/** In QEMU's option lists a comma in a value is doubled. @param {string} text */
const escape = (text) => text.replaceAll(',', ',,');

/**
 * @param {string} id also the mount tag
 * @param {string} path
 * @param {string} access `readonly=on` or `readonly=off`
 * @returns {string[]}
 */
function share(id, path, access) {
  // security_model=none: files get the owner who runs QEMU; remap: one share may span file systems.
  const fsdev = `local,id=${id},path=${escape(path)},security_model=none,multidevs=remap,${access}`;
  return ['-fsdev', fsdev, '-device', `virtio-9p-pci,fsdev=${id},mount_tag=${id}`];
}

/**
 * An Intel 82576 on a root port of its own (its VFs need ARI, and a bus that nobody else is on).
 * @param {number} index
 * @returns {string[]}
 */
function igb(index) {
  return [
    ...['-netdev', `hubport,id=net${index},hubid=0`],
    ...['-device', `pcie-root-port,id=port${index},chassis=${index + 1},slot=${index + 1}`],
    ...['-device', `igb,bus=port${index},netdev=net${index},mac=52:54:00:82:57:6${index},romfile=`],
  ];
}

/**
 * The third NIC on the hub, without VFs or offloads that change a frame: what it receives is what was on the
 * wire. guest-init names it `wire`.
 * @returns {string[]}
 */
function wire() {
  return [
    ...['-netdev', 'hubport,id=wire,hubid=0'],
    ...['-device', 'virtio-net-pci,netdev=wire,mac=52:54:00:00:00:01,romfile=,bus=pcie.0'],
  ];
}

/**
 * A controller that is no NIC and can have 127 VFs, with the fewest queues and interrupts for it: two
 * and one a VF. Its driver, nvme, is loaded by who wants it.
 * @returns {string[]}
 */
function nvme() {
  const room =
    'sriov_max_vfs=127,sriov_vq_flexible=254,sriov_vi_flexible=127,max_ioqpairs=256,msix_qsize=128';
  return [
    ...['-device', 'nvme-subsys,id=subsystem', '-device', 'pcie-root-port,id=port2,chassis=3,slot=3'],
    ...['-device', `nvme,bus=port2,subsys=subsystem,serial=sriov-vm,${room}`],
  ];
}

/**
 * A virtio NIC that can have three VFs, whose driver has no VF operations and whose network device hangs on a
 * virtio device between. All are on a hub of their own, and QEMU takes the VFs before their PF.
 * @returns {string[]}
 */
function virtioVfs() {
  const device = (/** @type {number} */ n) =>
    `virtio-net-pci,bus=port3,addr=0.${n},netdev=virtio${n},romfile=`;
  return [
    ...[0, 1, 2, 3].flatMap((n) => ['-netdev', `hubport,id=virtio${n},hubid=1`]),
    ...['-device', 'pcie-root-port,id=port3,chassis=4,slot=4'],
    ...[3, 2, 1].flatMap((n) => ['-device', `${device(n)},sriov-pf=virtio`]),
    ...['-device', `${device(0)},id=virtio`],
  ];
}

/**
 * @param {Boot} boot
 * @returns {string[]}
 */
export function qemuArguments({ hardware, imageFolder, checkout, token, idleSeconds, consoleLog, socket }) {
  const parameters = [
    ...PARAMETERS,
    `sriov.checkout=${encode(checkout)}`,
    `sriov.token=${token}`,
    `sriov.idle=${idleSeconds}`,
    `sriov.modules=${MODULES.join(',')}`,
  ];
  return [
    ...base({ imageFolder, hardware, parameters, consoleLog }),
    ...share('root', '/', 'readonly=on'),
    ...share('image', imageFolder, 'readonly=on'),
    ...share('checkout', checkout, 'readonly=off'),
    ...['-device', 'virtio-serial-pci'],
    ...['-chardev', `socket,id=agent,path=${escape(socket)},server=on,wait=off`],
    ...['-device', 'virtserialport,chardev=agent,name=sriov.agent'],
    ...igb(0),
    ...igb(1),
    ...wire(),
    ...nvme(),
    ...(hasVirtioVfs() ? virtioVfs() : []),
  ];
}

/**
 * @param {{ imageFolder: string, consoleLog: string }} options
 * @returns {string[]} a boot that says `sriov-vm: probe booted` on its console and ends
 */
export function probeArguments({ imageFolder, consoleLog }) {
  const hardware = /** @type {Hardware} */ ({ accel: 'kvm', cpus: 2, memoryMiB: 512 });
  return base({ imageFolder, hardware, parameters: [...PARAMETERS, 'sriov.probe=1'], consoleLog });
}
