/**
 * Runs `sriov agent` for kernel tests: in the sandbox of its systemd unit, as far as that goes without systemd, with
 * the service manager's end of NOTIFY_SOCKET.
 *
 * Owns starting and ending both; expects nothing. Inside the test machine only.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AgentStatus } from '../../src/agent/status.ts';
import { main } from './cli-run.ts';

const RECEIVER = fileURLToPath(new URL('agent-receiver.py', import.meta.url));
/** In ms; only ends what hangs. */
const PATIENCE = 120_000;

/** Lines of some program, in order, to be waited for from a mark on. */
export class Lines {
  readonly all: string[] = [];

  take(stream: NodeJS.ReadableStream): void {
    createInterface({ input: stream }).on('line', (line) => this.all.push(line));
  }

  /** The first line from `from` on that is as wanted. */
  async find(wanted: (line: string) => boolean, what: string, from = 0): Promise<string> {
    for (const end = performance.now() + PATIENCE; performance.now() < end; await sleep(20)) {
      const line = this.all.slice(from).find(wanted);
      if (line !== undefined) return line;
    }
    throw new Error(`${what} did not come; what came:\n${this.all.slice(from).join('\n')}`);
  }
}

/** Everything but these three directories is read-only, as ProtectSystem=strict has it; no capability but one. */
const SANDBOX = `
for dir in "$STORE" "$RUN"; do mount --bind "$dir" "$dir"; done
mount -o remount,bind,ro /tmp && mount -o remount,bind,ro / || exit 99
exec setpriv --bounding-set=-all,+net_admin --inh-caps=-all --ambient-caps=-all --no-new-privs "$@"`;

export interface Running {
  readonly child: ChildProcess;
  /** The log. */
  readonly log: Lines;
  /** Exit status or signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

export class AgentPlace {
  readonly root: string = mkdtempSync(join(tmpdir(), 'sriov-agent-'));
  readonly store: string = join(this.root, 'store');
  readonly run: string = join(this.root, 'run');
  readonly config: string = join(this.root, 'agent.yaml');
  readonly socket: string = join(this.run, 'agent.sock');
  /** What the service manager was told. */
  readonly notes: Lines = new Lines();
  readonly #children: ChildProcess[] = [];

  constructor() {
    for (const directory of [this.store, this.run]) mkdirSync(directory, { mode: 0o700 });
  }

  configure(text: string): void {
    writeFileSync(this.config, `store: ${this.store}\napi: { socket: ${this.socket} }\n${text}`);
  }

  async listen(): Promise<void> {
    const child = spawn('python3', [RECEIVER, join(this.run, 'notify')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    this.notes.take(child.stdout);
    await this.notes.find((line) => line.includes('listening'), 'the receiver');
  }

  start(watchdogMs: number): Running {
    const command = [process.execPath, main, 'agent', '--config', this.config];
    const child = spawn('unshare', ['--mount', 'sh', '-c', SANDBOX, 'sandbox', ...command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        STORE: this.store,
        RUN: this.run,
        NOTIFY_SOCKET: join(this.run, 'notify'),
        WATCHDOG_USEC: String(watchdogMs * 1000),
      },
    });
    this.#children.push(child);
    const log = new Lines();
    log.take(child.stderr);
    const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals);
    return { child, log, ended };
  }

  /** A note from `from` on that begins so. */
  async note(begin: string, from = 0): Promise<string> {
    return JSON.parse(await this.notes.find((line) => line.startsWith(`"${begin}`), begin, from)) as string;
  }

  /** As the API has it. */
  async status(): Promise<AgentStatus> {
    const [response] = (await once(get({ socketPath: this.socket, path: '/v1/status' }), 'response')) as [
      NodeJS.ReadableStream,
    ];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return JSON.parse(text) as AgentStatus;
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}
