/**
 * What is done behind the agent's back. Each fault leaves the host in a state of which `World.wrong` can say whether
 * it is as it must be once the agent has seen to it.
 *
 * Owns the kinds. Which one is done, and to what, comes from the seed alone.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createNetdevsim } from '../kernel/netdevsim.mjs';
import { ip, ipBatch } from './ip.mjs';
import { removeDevice, VFS } from './world.mjs';

/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./world.mjs').Pf} Pf */
/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {(world: World, random: Random) => Promise<string>} Fault what was done, in words */

/** Words of `ip` that change one setting of a VF to something no port wants. @param {Random} random */
function change(random) {
  return random.pick([
    () => `vlan ${4001 + random.below(90)}`,
    () => `mac 02:dd:00:00:00:${(16 + random.below(200)).toString(16)}`,
    () => `spoofchk ${random.pick(['on', 'off'])}`,
    () => `trust ${random.pick(['on', 'off'])}`,
    () => `state ${random.pick(['enable', 'disable'])}`,
    () => `max_tx_rate ${100 + random.below(900)}`,
  ])();
}

/** @param {World} world @param {Random} random */
async function somePf(world, random) {
  return random.pick(world.pfs);
}

/** Numbers of the VFs of a PF that have a port, in order. @param {World} world @param {Pf} pf */
async function boundVfs(world, pf) {
  const claims = await world.claims();
  const vfs = claims.filter(({ place }) => place.pf === pf.device).map(({ place }) => place.vf ?? 0);
  return vfs.filter((vf) => vf < world.numVfs(pf)).sort((a, b) => a - b);
}

/** @param {World} world @param {Random} random @param {number} most */
async function drift(world, random, most) {
  const pf = await somePf(world, random);
  const name = world.netDevice(pf);
  const vfs = random.some(await boundVfs(world, pf), 1 + random.below(most));
  const lines = vfs.map((vf) => `link set ${name} vf ${vf} ${change(random)}`);
  ipBatch(lines);
  return `${pf.device}: ${lines.length} settings of ${vfs.length} VFs`;
}

/** @param {string} name @param {readonly number[]} vfs */
function wipe(name, vfs) {
  ipBatch(
    vfs.flatMap((vf) => [
      `link set ${name} vf ${vf} mac 00:00:00:00:00:00`,
      `link set ${name} vf ${vf} vlan 0`,
      `link set ${name} vf ${vf} max_tx_rate 0`,
      `link set ${name} vf ${vf} spoofchk off`,
      `link set ${name} vf ${vf} trust off`,
      `link set ${name} vf ${vf} state auto`,
    ]),
  );
}

/** @type {Readonly<Record<string, Fault>>} */
export const FAULTS = {
  'one VF drifts': (world, random) => drift(world, random, 1),
  'many VFs drift': (world, random) => drift(world, random, VFS),

  'a PF is reset': async (world, random) => {
    const pf = await somePf(world, random);
    wipe(world.netDevice(pf) ?? '', await boundVfs(world, pf));
    return pf.device;
  },

  'a PF is down while VFs drift': async (world, random) => {
    const pf = await somePf(world, random);
    const name = world.netDevice(pf);
    ip(`link set ${name} down`);
    const vfs = random.some(await boundVfs(world, pf), 1 + random.below(4));
    ipBatch(vfs.map((vf) => `link set ${name} vf ${vf} ${change(random)}`));
    ip(`link set ${name} up`);
    return `${pf.device}, ${vfs.length} VFs`;
  },

  'a PF is renamed while a VF drifts': async (world, random) => {
    const pf = await somePf(world, random);
    const name = world.netDevice(pf);
    const renamed = `pf${pf.id}n${random.below(1000)}`;
    ip(`link set ${name} down`);
    ip(`link set ${name} name ${renamed}`);
    ip(`link set ${renamed} up`);
    const [vf = 0] = random.some(await boundVfs(world, pf), 1);
    ip(`link set ${renamed} vf ${vf} ${change(random)}`);
    return `${pf.device} is ${renamed}`;
  },

  'a PF is away in another network namespace': async (world, random) => {
    const pf = await somePf(world, random);
    const name = world.netDevice(pf);
    const vfs = random.some(await boundVfs(world, pf), 1 + random.below(4));
    ip('netns add soak-away');
    ip(`link set ${name} netns soak-away`);
    for (const vf of vfs) ip(`-n soak-away link set ${name} vf ${vf} ${change(random)}`);
    if (random.below(2) === 0) await sleep(200);
    ip(`-n soak-away link set ${name} netns 1`);
    ip('netns del soak-away');
    ip(`link set ${name} up`);
    return `${pf.device}, ${vfs.length} VFs changed there`;
  },

  'VFs are destroyed and made anew': async (world, random) => {
    const pf = await somePf(world, random);
    const name = world.netDevice(pf) ?? '';
    const count = 1 + random.below(VFS);
    const sim = `/sys/bus/netdevsim/devices/${pf.device}`;
    execFileSync('sh', ['-c', `echo 0 > ${sim}/sriov_numvfs`]);
    if (random.below(2) === 0) await sleep(100);
    execFileSync('sh', ['-c', `echo ${count} > ${sim}/sriov_numvfs`]);
    // netdevsim keeps the settings of VFs that it took away; hardware does not.
    const bound = await boundVfs(world, pf);
    wipe(
      name,
      bound.filter((vf) => vf < count),
    );
    for (const place of world.strangers.keys())
      if (place.startsWith(`${pf.device}/`)) world.strangers.delete(place);
    return `${pf.device}: ${count}`;
  },

  'a PF is unplugged and plugged in again': async (world, random) => {
    const pf = await somePf(world, random);
    removeDevice(pf.id);
    if (random.below(2) === 0) await sleep(100);
    const { pf: name } = createNetdevsim({ id: pf.id, vfs: VFS });
    ip(`link set ${name} up`);
    for (const place of world.strangers.keys())
      if (place.startsWith(`${pf.device}/`)) world.strangers.delete(place);
    return pf.device;
  },

  'a guest changes its MAC': async (world, random) => {
    const pf = await somePf(world, random);
    const claims = (await world.claims()).filter(
      ({ place, wanted }) =>
        place.pf === pf.device && wanted?.trust === true && (place.vf ?? 0) < world.numVfs(pf),
    );
    const [claim] = random.some(claims, 1);
    if (claim === undefined) return `${pf.device} has no trusted VF`;
    const mac = `02:99:00:00:00:${(16 + random.below(200)).toString(16)}`;
    ip(`link set ${world.netDevice(pf)} vf ${claim.place.vf} mac ${mac}`);
    return `${pf.device}/${claim.place.vf}`;
  },

  "someone sets up a VF that is nobody's": async (world, random) => {
    const pf = await somePf(world, random);
    const bound = new Set((await world.claims()).map(({ place }) => `${place.pf}/${place.vf}`));
    const free = Array.from({ length: world.numVfs(pf) }, (_, vf) => vf).filter(
      (vf) => !bound.has(`${pf.device}/${vf}`),
    );
    const [vf] = random.some(free, 1);
    if (vf === undefined) return `${pf.device} has no free VF`;
    ip(`link set ${world.netDevice(pf)} vf ${vf} ${change(random)}`);
    world.strangers.set(`${pf.device}/${vf}`, world.rows(pf).get(vf));
    return `${pf.device}/${vf}`;
  },

  'ports are bound by another process': async (world, random) => {
    const pf = await somePf(world, random);
    const ports = await world.bind(pf, 1 + random.below(3));
    return `${ports.filter(({ refusals }) => refusals.length === 0).length} on ${pf.device}`;
  },

  'ports are released by another process': async (world, random) => {
    const pf = await somePf(world, random);
    const mine = (await world.claims()).filter(({ place }) => place.pf === pf.device);
    // Some must stay, or there is nothing left to go wrong.
    const ids = random.some(mine, Math.max(0, Math.min(3, mine.length - 4))).map(({ port }) => port);
    const report = await world.ports?.release(ids);
    return `${report?.released.length} of ${ids.length} on ${pf.device}`;
  },

  'the agent is killed while VFs drift': async (world, random) => {
    const [pf, other] = random.some(world.pfs, 2);
    const killed = world.killAgent('SIGKILL');
    for (const one of [pf, other]) {
      if (one === undefined) continue;
      const vfs = random.some(await boundVfs(world, one), VFS);
      ipBatch(vfs.map((vf) => `link set ${world.netDevice(one)} vf ${vf} ${change(random)}`));
    }
    await killed;
    await world.startAgent();
    return `${pf?.device}, ${other?.device}`;
  },

  'the agent is killed in the middle of a repair': async (world, random) => {
    const pf = await somePf(world, random);
    const vfs = random.some(await boundVfs(world, pf), VFS);
    ipBatch(vfs.map((vf) => `link set ${world.netDevice(pf)} vf ${vf} ${change(random)}`));
    await sleep(random.below(40));
    process.kill(world.pid, 'SIGSTOP');
    // Its counters can't be asked for any more; those of this life are lost.
    await world.endStopped();
    await world.startAgent();
    return `${pf.device}, ${vfs.length} VFs`;
  },

  'the agent is stopped while much happens, so that the kernel drops notifications': async (
    world,
    random,
  ) => {
    process.kill(world.pid, 'SIGSTOP');
    const pf = await somePf(world, random);
    const name = world.netDevice(pf);
    const vfs = await boundVfs(world, pf);
    const lines = Array.from(
      { length: 400 },
      () => `link set ${name} vf ${random.pick(vfs)} ${change(random)}`,
    );
    if (vfs.length > 0) ipBatch(lines);
    process.kill(world.pid, 'SIGCONT');
    return `${pf.device}, 400 changes`;
  },

  'the store is locked by a process that stands still': async (world, random) => {
    const code = `
      import { open } from 'lmdb';
      const store = open({ path: ${JSON.stringify(world.directory)}, noSubdir: false });
      store.transactionSync(() => { process.stdout.write('locked'); process.kill(process.pid, 'SIGSTOP'); });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: new URL('../..', import.meta.url),
    });
    await once(child.stdout, 'data');
    const said = await drift(world, random, 4);
    await sleep(random.pick([200, 1500, 6000]));
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    return said;
  },

  'the clock steps while a VF drifts': async (world, random) => {
    const seconds = (random.below(2) === 0 ? -1 : 1) * (3600 + random.below(86_400));
    const step = (/** @type {number} */ by) => {
      execFileSync('date', ['-s', `@${Math.floor(Date.now() / 1000) + by}`], { stdio: 'ignore' });
    };
    step(seconds);
    const said = await drift(world, random, 2);
    step(-seconds);
    return `${seconds} s; ${said}`;
  },
};
