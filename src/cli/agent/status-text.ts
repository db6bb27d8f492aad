/**
 * The agent's view of its host, for people.
 *
 * Owns the layout and the order: what needs somebody's attention comes first.
 */
import type { AgentStatus, PfView, PortState, PortView } from '../../agent/status.ts';
import { count, type Paint, table } from '../output.ts';

/** From the worst to the best. */
const STATES: readonly PortState[] = [
  'failed',
  'lost',
  'held',
  'waiting',
  'unbound',
  'reserved',
  'guest-mac',
  'ok',
];

/** These wait for somebody, or for another attempt. */
const BAD: ReadonlySet<PortState> = new Set(['failed', 'lost', 'held']);

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** `3 d 4 h`: the two largest units, in whole numbers. */
export function durationText(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / 1000));
  const parts = UNITS.map(([unit, seconds]) => {
    const number = Math.floor(rest / seconds);
    rest -= number * seconds;
    return { number, text: `${number} ${unit}` };
  });
  const first = parts.findIndex(({ number }) => number > 0);
  if (first === -1) return '0 s';
  const shown = parts.slice(first, first + 2).filter(({ number }) => number > 0);
  return shown.map(({ text }) => text).join(' ');
}

/** `94 ok, 1 held`; the worst first. */
function tally<T extends string>(values: readonly T[], order: readonly T[]): string {
  return order
    .map((value) => [value, values.filter((one) => one === value).length] as const)
    .filter(([, number]) => number > 0)
    .map(([value, number]) => `${number} ${value}`)
    .join(', ');
}

function health({ ready, healthy }: AgentStatus, paint: Paint): string {
  if (!ready) return paint('yellow', 'not ready');
  return healthy ? paint('green', 'healthy') : paint('red', 'not healthy');
}

function summary(status: AgentStatus, paint: Paint): string {
  const { host, uptimeMs, pfs, ports } = status;
  const [byPf, byPort] = [
    tally(
      pfs.map(({ state }) => state),
      ['absent', 'down', 'up'],
    ),
    tally(
      ports.map(({ state }) => state),
      STATES,
    ),
  ];
  const parts = [
    `${host}: ${health(status, paint)}`,
    `up ${durationText(uptimeMs)}`,
    `${count(ports.length, 'port')}${byPort === '' ? '' : ` (${byPort})`}`,
    `${count(pfs.length, 'PF')}${byPf === '' ? '' : ` (${byPf})`}`,
  ];
  return `${parts.join(', ')}\n`;
}

/** To the second: `2026-01-02T03:04:05Z`. */
function second(at: string): string {
  return at.replace(/\.\d+Z$/, 'Z');
}

function again(retryInMs: number | null): string {
  return retryInMs === null ? '' : `; again in ${durationText(retryInMs + 999)}`;
}

/** Messages come from elsewhere, and a row is one line. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

/** A table whose rows stand out where `style` says how. */
function marked<T>(
  header: readonly string[],
  items: readonly T[],
  cells: (item: T) => readonly string[],
  style: (item: T) => Parameters<Paint>[0] | undefined,
  paint: Paint,
): string {
  if (items.length === 0) return '';
  const lines = table(header, items.map(cells), paint).split('\n');
  const rows = lines.slice(1).map((line, index) => {
    const item = items[index];
    const how = item === undefined ? undefined : style(item);
    return how === undefined ? line : paint(how, line);
  });
  return `\n${[lines[0], ...rows].join('\n')}`;
}

function pfTable(pfs: readonly PfView[], paint: Paint): string {
  return marked(
    ['PF', 'NET-DEVICE', 'STATE', 'VFS', 'PORTS', 'LAST-LOOK', 'TRIGGER', 'TROUBLE'],
    pfs,
    ({ pf, netDevice, state, numVfs, ports, lastLook, trouble }) => [
      pf,
      netDevice ?? '-',
      state,
      numVfs?.toString() ?? '-',
      String(ports),
      lastLook === null ? '-' : second(lastLook.at),
      lastLook?.trigger ?? '-',
      trouble === null ? '-' : oneLine(`${trouble.code}: ${trouble.message}${again(trouble.retryInMs)}`),
    ],
    ({ state, trouble }) => (trouble !== null ? 'red' : state === 'up' ? undefined : 'yellow'),
    paint,
  );
}

function portTable(ports: readonly PortView[], paint: Paint): string {
  const sorted = ports.toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state));
  return marked(
    ['PORT', 'STATE', 'PLACE', 'VIF-TYPE', 'BINDING', 'STATUS', 'REPAIRS', 'REASON'],
    sorted,
    ({ id, state, place, vifType, bindingStatus, status, repairs, reason, retryInMs }) => [
      id,
      state,
      place ?? '-',
      vifType,
      bindingStatus,
      status,
      String(repairs),
      reason === null ? '-' : oneLine(`${reason}${again(retryInMs)}`),
    ],
    ({ state }) => (BAD.has(state) ? 'red' : state === 'waiting' ? 'yellow' : undefined),
    paint,
  );
}

/** Several lines, the last one ended as well. */
export function statusText(status: AgentStatus, paint: Paint): string {
  const reasons = status.reasons.map((reason) => paint('red', `  ${oneLine(reason)}`));
  return [
    summary(status, paint),
    ...reasons.map((reason) => `${reason}\n`),
    pfTable(status.pfs, paint),
    portTable(status.ports, paint),
  ].join('');
}
