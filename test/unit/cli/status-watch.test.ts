/** `sriov status --watch`: asks when something happened and not else, and ends as it should. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AgentClient, connectAgent, type EventsOptions } from '../../../src/agent/api/client.ts';
import { liveStatus } from '../../../src/cli/agent/live-status.ts';
import type { CliIo } from '../../../src/cli/command.ts';
import { plain } from '../../../src/cli/output.ts';
import { SAMPLES } from '../agent/api/samples.ts';
import { type AskedAgent, askedAgent, portView } from './asked-agent.ts';
import { run, runWith } from './io.ts';

let asked: AskedAgent;
let interrupt: AbortController;
beforeEach(async () => {
  asked = await askedAgent();
  interrupt = new AbortController();
  asked.agent.shown = { ports: [portView('p1')] };
});
afterEach(() => asked.end());

/** Whatever is printed, piece by piece, and a way to wait for so many pieces. */
class Printed {
  readonly pieces: string[] = [];
  #look: () => void = () => undefined;

  readonly out = (text: string): void => {
    this.pieces.push(text);
    this.#look();
  };

  until(holds: (pieces: readonly string[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (holds(this.pieces)) resolve();
      };
      this.#look();
    });
  }
}

/** Pauses that the test ends, one by one. */
class Pauses {
  begun = 0;
  #end: () => void = () => undefined;
  #onBegin: () => void = () => undefined;

  readonly pause = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      this.begun++;
      this.#end = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.#onBegin();
    });

  end(): void {
    this.#end();
  }

  async until(begun: number): Promise<void> {
    if (this.begun >= begun) return;
    await new Promise<void>((resolve) => {
      this.#onBegin = () => {
        if (this.begun >= begun) resolve();
      };
    });
  }
}

function ioOf(printed: Printed, errors: Printed, more: Partial<CliIo> = {}): CliIo {
  return {
    out: printed.out,
    err: errors.out,
    readInput: async () => '',
    paint: plain,
    columns: 100,
    interruption: () => interrupt.signal,
    ...more,
  };
}

test('a thousand events within one pause cost one question, and nothing is asked without events', async () => {
  const [printed, errors, pauses] = [new Printed(), new Printed(), new Pauses()];
  const client = connectAgent(asked.socket);
  let all: (() => void) | undefined;
  const arrived = new Promise<void>((resolve) => {
    all = resolve;
  });
  async function* counted(options?: EventsOptions): ReturnType<AgentClient['events']> {
    let number = 0;
    for await (const event of client.events(options)) {
      yield event;
      // The watch has dealt with this one, since it wants the next.
      if (++number === 1000) all?.();
    }
  }
  const watching = liveStatus({
    agent: { status: (signal) => client.status(signal), events: counted },
    io: ioOf(printed, errors),
    json: false,
    view: (status) => status,
    pause: pauses.pause,
  });
  await pauses.until(1);
  asked.agent.shown = { ports: [portView('p1', { state: 'lost', reason: 'gone' })] };
  for (let index = 0; index < 1000; index++) asked.agent.make(SAMPLES.overrun);
  await arrived;
  const before = asked.agent.asked;
  pauses.end();
  await pauses.until(2);
  expect(asked.agent.asked).toBe(before + 1);
  expect(printed.pieces).toHaveLength(2);
  expect(printed.pieces[1]).toMatch(/^\na: healthy.*1 lost/);
  pauses.end();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([asked.agent.asked, pauses.begun]).toEqual([before + 1, 2]);
  interrupt.abort();
  expect(await watching).toBe(0);
  expect(errors.pieces).toEqual([]);
});

const firstLine = (piece: string): unknown => piece.trim().split('\n')[0];
const parsed = (piece: string): unknown => {
  const { healthy, ports } = JSON.parse(piece) as { healthy: boolean; ports: unknown[] };
  return [healthy, ports.length];
};
const HEADS = [
  'a: healthy, up 0 s, 1 port (1 ok), 2 PFs (2 up)',
  'a: healthy, up 0 s, 1 port (1 ok), 2 PFs (2 up)',
  'a: not healthy, up 0 s, 0 ports, 2 PFs (2 up)',
];
const FIELDS = [
  [true, 1],
  [true, 1],
  [false, 0],
];

test.each([
  ['one block', [], firstLine, HEADS],
  ['with --json one line', ['--json'], parsed, FIELDS],
])(
  'without a terminal there is %s for each change, and none for the same view again',
  async (_what, more, read, expected) => {
    const printed = new Printed();
    const watching = runWith(
      { out: printed.out, interruption: () => interrupt.signal },
      ...['status', '--watch', '--socket', asked.socket, ...more],
    );
    await printed.until((pieces) => pieces.length === 1);
    asked.agent.shown = { uptimeMs: 98, ports: [portView('p1')] };
    const before = asked.agent.asked;
    asked.agent.make(SAMPLES.reconciled);
    while (asked.agent.asked === before) await new Promise((resolve) => setTimeout(resolve, 10));
    asked.agent.shown = { uptimeMs: 99, ports: [portView('p1', { repairs: 1 })] };
    asked.agent.make(SAMPLES.repaired);
    await printed.until((pieces) => pieces.length === 2);
    asked.agent.shown = { uptimeMs: 100, healthy: false, reasons: ['store: gone'], ports: [] };
    asked.agent.make(SAMPLES.trouble);
    await printed.until((pieces) => pieces.length === 3);
    interrupt.abort();
    // Not healthy at last; and no envelope after the stream.
    expect(await watching).toEqual({ status: 1, out: '', err: '' });
    expect(printed.pieces.map(read)).toEqual(expected);
  },
);

test('a terminal is drawn in place, never beyond its height, and given back with the last view', async () => {
  asked.agent.shown = { ports: Array.from({ length: 40 }, (_, index) => portView(`p${index}`)) };
  const printed = new Printed();
  const watching = runWith(
    { out: printed.out, interruption: () => interrupt.signal, terminal: { rows: () => 10 } },
    ...['status', '--watch', '--socket', asked.socket],
  );
  await printed.until((pieces) => pieces.length === 2);
  interrupt.abort();
  expect((await watching).status).toBe(0);
  const [enter, drawn = '', leave, last = ''] = printed.pieces;
  expect([enter, leave]).toEqual([
    '\u001b[?1049h\u001b[?25l\u001b[?7l',
    '\u001b[?7h\u001b[?25h\u001b[?1049l',
  ]);
  expect(drawn.split('\r\n')).toHaveLength(10);
  expect(drawn.endsWith('… 38 more lines\u001b[J')).toBe(true);
  expect(last.trim().split('\n')).toHaveLength(47);
  expect(printed.pieces).toHaveLength(4);
});

test('an agent that goes is missed once and shown again when it is back; ended meanwhile, it is 69', async () => {
  const [printed, errors] = [new Printed(), new Printed()];
  const watching = liveStatus({
    agent: connectAgent(asked.socket),
    io: ioOf(printed, errors),
    json: false,
    view: (status) => status,
    pause: async () => undefined,
  });
  await printed.until((pieces) => pieces.length === 1);
  await asked.stop();
  await errors.until((pieces) => pieces.length > 0);
  await asked.serve();
  await printed.until((pieces) => pieces.length === 2);
  await asked.stop();
  await errors.until((pieces) => pieces.length === 2);
  interrupt.abort();
  expect(await watching).toBe(69);
  expect(errors.pieces).toEqual([
    expect.stringContaining(`no agent at ${asked.socket}`),
    expect.stringContaining(`no agent at ${asked.socket}`),
  ]);
});

test('a reader that goes away ends it; without an agent it never begins', async () => {
  const gone = new AbortController();
  const watching = runWith(
    {
      out: () => gone.abort(),
      interruption: () => interrupt.signal,
      readerGone: gone.signal,
    },
    ...['status', '--watch', '--socket', asked.socket],
  );
  expect((await watching).status).toBe(0);
  await asked.stop();
  const never = await run('status', '--watch', '--socket', asked.socket);
  expect([never.status, never.out]).toEqual([69, '']);
  const wrong = await askedAgent();
  const unknown = await run('status', '--watch', 'pf7', '--socket', wrong.socket);
  await wrong.end();
  expect([unknown.status, unknown.out]).toEqual([64, '']);
});
