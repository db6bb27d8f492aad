/**
 * Other processes beside a test: agents and users of a store, as lines of JSON in and out.
 *
 * Owns starting and ending them. Those that are left over are killed by {@link endProcesses}.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AgentEvent } from '../../src/agent/events.ts';
import type { AgentStatus } from '../../src/agent/status.ts';
import { Told, waitFor } from './agent-rig.ts';

const running = new Set<Process>();

export class Process {
  readonly child: ChildProcess;
  /** What it has said. */
  readonly said: Record<string, unknown>[] = [];

  constructor(
    program: string,
    words: readonly string[],
    onLine: (said: Record<string, unknown>) => void = () => {},
  ) {
    const file = fileURLToPath(new URL(program, import.meta.url));
    this.child = spawn(process.execPath, [file, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
    running.add(this);
    // A process that was killed reads no more.
    this.child.stdin?.on('error', () => {});
    if (this.child.stdout === null) throw new Error('it has no output');
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as Record<string, unknown>;
      this.said.push(said);
      onLine(said);
    });
  }

  tell(line: unknown): void {
    this.child.stdin?.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  }

  /** The first thing said from `from` on that has this key. */
  async hear(key: string, from = 0): Promise<Record<string, unknown>> {
    const heard = await waitFor(() => this.said.slice(from).find((said) => key in said));
    if (heard === undefined) throw new Error(`it said no ${key}: ${JSON.stringify(this.said.slice(from))}`);
    return heard;
  }

  async ask(line: unknown, key: string): Promise<Record<string, unknown>> {
    const from = this.said.length;
    this.tell(line);
    return this.hear(key, from);
  }

  async kill(): Promise<void> {
    running.delete(this);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  /** As when its work is done. @returns exit status */
  async end(): Promise<number | null> {
    running.delete(this);
    const exit = once(this.child, 'exit');
    this.child.stdin?.end();
    const [status] = (await exit) as [number | null];
    return status;
  }
}

export class AgentProcess extends Process {
  readonly told: Told;

  constructor(store: string) {
    const told = new Told();
    super('agent-child.mjs', [store], (said) => {
      if ('type' in said) told.all.push(said as unknown as AgentEvent);
    });
    this.told = told;
  }

  async status(): Promise<AgentStatus> {
    return (await this.ask('status', 'status'))['status'] as AgentStatus;
  }
}

export async function endProcesses(): Promise<void> {
  await Promise.all([...running].map((process) => process.kill()));
}
