import { expect, test } from 'vitest';
import { parseSetWords } from '../../../src/cli/parse-words.ts';

const parse = (line: string): unknown => parseSetWords(line.split(' '));

test.each([
  ['mac 02:00:00:00:00:03', { mac: '02:00:00:00:00:03' }],
  ['mac none', { mac: null }],
  ['vlan 100', { vlan: { id: 100 } }],
  ['vlan 100 qos 2 proto 802.1ad', { vlan: { id: 100, qos: 2, proto: '802.1ad' } }],
  ['proto 802.1q vlan 7', { vlan: { id: 7, proto: '802.1Q' } }],
  ['vlan none', { vlan: null }],
  ['vlan 0', { vlan: null }],
  ['vlan 0 qos 3', { vlan: { id: 0, qos: 3 } }],
  ['min-rate 10 max-rate 1000', { rate: { min: 10, max: 1000 } }],
  ['max-rate none', { rate: { max: 0 } }],
  ['rate 1000', { rate: { max: 1000 } }],
  ['rate none', { rate: null }],
  ['spoofchk on trust off', { spoofCheck: true, trust: false }],
  ['link-state disable', { linkState: 'disable' }],
  ['query-rss on', { rssQuery: true }],
  [
    'node-guid 00:11:22:33:44:55:66:77 port-guid none',
    { nodeGuid: '00:11:22:33:44:55:66:77', portGuid: null },
  ],
])('"%s" sets %j', (line, settings) => {
  expect(parse(line)).toEqual(settings);
});

test.each([
  ['state enable', 'link-state enable'],
  ['min_tx_rate 5 max_tx_rate 6', 'min-rate 5 max-rate 6'],
  ['query_rss off', 'query-rss off'],
  ['node_guid none port_guid none', 'node-guid none port-guid none'],
])('"%s", as ip link spells it, is "%s"', (synonym, documented) => {
  expect(parse(synonym)).toEqual(parse(documented));
});

test.each([
  ['vln 100', 'unknown word "vln"; did you mean vlan?'],
  ['vlan', 'vlan needs a value: ID|none'],
  ['vlan ten', 'vlan ten: expected a VLAN id, or none'],
  ['vlan 0x10', 'vlan 0x10: expected a VLAN id, or none'],
  ['qos 3', 'qos needs "vlan ID" beside it'],
  ['vlan none qos 3', 'qos needs "vlan ID" beside it'],
  ['proto 802.1ad', 'proto needs "vlan ID" beside it'],
  ['vlan 5 proto arp', 'proto arp: expected 802.1Q or 802.1ad'],
  ['spoofchk yes', 'spoofchk yes: expected on or off'],
  ['state up', 'link-state up: expected auto, enable or disable'],
  ['trust on trust off', 'trust is given twice'],
  ['state auto link-state auto', 'link-state is given twice'],
  ['max-rate 5 rate 6', 'max-rate and rate set the same thing'],
  ['rate none min-rate 6', 'rate and min-rate set the same thing'],
  ['max-rate -1', 'max-rate -1: expected Mbit/s, or none'],
])('"%s" is refused: %s', (line, reason) => {
  expect(() => parse(line)).toThrow(reason);
});
