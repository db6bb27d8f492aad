// @ts-check
/**
 * Checks of the machine's hardware: what tests find there, and that it works.
 *
 * Owns no machine: it finds the checks' machine up, and leaves it so, without VFs.
 */

import assert from 'node:assert/strict';
import { sh } from './client.mjs';

/** Before the scripts below. `eventually` tries for ten seconds. */
const HELPERS = `
eventually() { for try in $(seq 100); do if "$@"; then return 0; fi; sleep 0.1; done; return 1; }
device() { echo /sys/class/net/$1/device; }
vfs() { ls -d $(device $1)/virtfn*/net/* 2>/dev/null | wc -l; }
has_vfs() { test $(vfs $1) = $2; }
`;

/** @param {import("./runner.mjs").Checks} checks @returns {Promise<void>} */
export async function checkHardware(checks) {
  await checks.check('the clock is read without a system call', async () => {
    const clock = '/sys/devices/system/clocksource/clocksource0/current_clocksource';
    assert.equal(await sh(`cat ${clock}`), 'tsc');
    const calls = await sh('strace -e trace=clock_gettime,gettimeofday,time date 2>&1 >/dev/null');
    assert.equal(calls, '+++ exited with 0 +++');
  });
  await checks.check('netdevsim: 1,024 VFs on one PF, and 4 PFs with 256 VFs', async () => {
    const output = await sh(`
      cd /sys/bus/netdevsim
      make() {
        echo "$1 1" >new_device
        echo $2 >/sys/kernel/debug/netdevsim/netdevsim$1/max_vfs
        echo $2 >devices/netdevsim$1/sriov_numvfs
      }
      make 100 1024
      pf=$(ls devices/netdevsim100/net)
      ip link set $pf vf 1023 vlan 5
      if ip link set $pf vf 1024 vlan 5 2>/dev/null; then exit 1; fi
      for id in $(seq 1 4); do make $id 256; done
      cat devices/netdevsim*/sriov_numvfs | sort -n | uniq -c | tr -s ' ' | tr '\\n' ','
      for id in 100 $(seq 1 4); do echo $id >del_device; done`);
    assert.equal(output, '4 256, 1 1024,');
  });
  await checks.check('igb: two PFs for 7 VFs each, and 7 with their net devices on one', async () => {
    const output = await sh(`${HELPERS}
      for pf in eth0 eth1; do
        basename $(readlink $(device $pf)/driver)
        cat $(device $pf)/sriov_totalvfs
      done
      ip link set eth0 up
      echo 7 >$(device eth0)/sriov_numvfs
      eventually has_vfs eth0 7
      for vf in $(device eth0)/virtfn*; do basename $(readlink $vf/driver); done | sort | uniq -c`);
    assert.equal(output.split(/\s+/).join(' '), 'igb 7 igb 7 7 igbvf');
  });
  const title = 'frames: a VF with VLAN 100 is heard on the wire with tag 100, and not with tag 200';
  await checks.check(title, async () => {
    // A reply to a ping proves both directions: the VF's frame has got the tag, and the tagged answer came in.
    const output = await sh(`${HELPERS}
      ping=/run/sriov-vm/bin/ping
      ln -sf busybox $ping
      ip link set eth0 vf 0 mac 02:00:00:00:00:64 vlan 100
      # The driver takes both when it starts.
      vf=$(basename $(readlink $(device eth0)/virtfn0))
      echo $vf >/sys/bus/pci/drivers/igbvf/unbind
      echo $vf >/sys/bus/pci/drivers/igbvf/bind
      eventually has_vfs eth0 7
      net=$(ls $(device eth0)/virtfn0/net)
      cat /sys/class/net/$net/address
      ip netns add vf
      ip link set $net netns vf
      ip -n vf address add 192.0.2.1/24 dev $net
      ip -n vf link set $net up
      ip link set wire up
      for tag in 100 200; do
        ip link add link wire name wire.$tag type vlan id $tag
        ip address add 192.0.2.2/24 dev wire.$tag
        ip link set wire.$tag up
        if test $tag = 100; then
          eventually ip netns exec vf $ping -q -c 1 -W 1 192.0.2.2 >/dev/null && echo "100 heard"
        else
          ip -n vf neighbour flush dev $net
          ip netns exec vf $ping -q -c 2 -W 1 192.0.2.2 >/dev/null || echo "200 not heard"
        fi
        ip link delete wire.$tag
      done
      echo 0 >$(device eth0)/sriov_numvfs
      vfs eth0
      ip netns delete vf`);
    assert.equal(output, '02:00:00:00:00:64\n100 heard\n200 not heard\n0');
  });
}
