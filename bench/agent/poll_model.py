"""A polling agent's look at one PF, on pyroute2: a model of the algorithm of Neutron's SR-IOV NIC agent
(neutron/plugins/ml2/drivers/mech_sriov/agent/eswitch_manager.py, neutron/privileged/agent/linux/ip_lib.py).

    poll_model.py PF VFS kept|fresh

Reads lines from standard input; for each does one poll and prints its work as a line of JSON.

Modelled, for each poll: is the PF there; for each VF, is the PF there and does the VF have a network device of its
own (none = given to a guest); for each VF that is given to a guest, one request for the whole PF, all records turned
into objects, of which that VF's MAC is taken; the set of (MAC, slot) beside that of the poll before. `fresh` opens
two sockets and looks up the ifindex by name for each request, as the agent does. `kept` is what could be had without
another algorithm: one socket and one look-up for good, and no attribute of a record asked for but the MAC.

Left out, all in the polling agent's favour: the way through the privileged helper process for each request,
statistics of every VF in each answer, retries, the message bus, and all that follows when something has changed.
"""

import json
import os
import resource
import sys
import time

from pyroute2 import IPRoute

# include/uapi/linux/rtnetlink.h: RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS. The agent asks for statistics as well,
# with which the list of 256 VFs does not fit into an attribute.
EXT_MASK = 1 | 8
# One request, one answer.
MESSAGES_PER_GET = 2


class Model:
    def __init__(self, pf, vfs, kept):
        self.pf = pf
        self.vfs = vfs
        self.device = f'/sys/class/net/{pf}/device'
        self.known = set()
        self.kept = kept
        if kept:
            self.ip = IPRoute()
            self.index = self.ip.link_lookup(ifname=pf)[0]

    def poll(self):
        self.work = dict(reads=0, records=0, stats=0, changed=0, messages=0, answered=0)
        current = set()
        if self.is_folder(self.device):
            for vf in range(self.vfs):
                if not self.is_folder(self.device) or self.is_folder(f'{self.device}/virtfn{vf}/net'):
                    continue
                current.add((self.read_mac(vf), vf))
        self.work['changed'] = len(current ^ self.known)
        self.known = current
        return self.work

    def is_folder(self, path):
        self.work['stats'] += 1
        return os.path.isdir(path)

    def read_mac(self, vf):
        if self.kept:
            return self.macs(self.get(self.ip, index=self.index))[vf]
        with IPRoute() as ip:
            with IPRoute() as other:
                index = self.get(other, ifname=self.pf, ext_mask=0)['index']
            return self.macs(self.get(ip, index=index))[vf]

    def get(self, ip, ext_mask=EXT_MASK, **which):
        link = ip.link('get', **which, **({'ext_mask': ext_mask} if ext_mask else {}))[0]
        self.work['messages'] += MESSAGES_PER_GET
        self.work['answered'] += link['header']['length']
        return link

    def macs(self, link):
        self.work['reads'] += 1
        found = {}
        for record in link.get_attr('IFLA_VFINFO_LIST').get_attrs('IFLA_VF_INFO'):
            self.work['records'] += 1
            mac = record.get_attr('IFLA_VF_MAC')
            if not self.kept:
                record.get_attr('IFLA_VF_LINK_STATE')
                record.get_attr('IFLA_VF_RATE', default={})
            found[mac['vf']] = mac['mac']
        return found


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main():
    pf, vfs, sockets = sys.argv[1:]
    model = Model(pf, int(vfs), kept=sockets == 'kept')
    for _ in sys.stdin:
        began, used = time.perf_counter_ns(), cpu_seconds()
        work = model.poll()
        work['cpuNs'] = round((cpu_seconds() - used) * 1e9)
        work['wallNs'] = time.perf_counter_ns() - began
        print(json.dumps(work), flush=True)


main()
