/**
 * What is left of a Neutron-like server's part of SR-IOV: it keeps ports in OpenStack's words, has the agent of a host
 * bind them, and moves their status by what the agent tells. Nobody polls.
 *
 *     node examples/agent/neutron-loop.mjs [--once] [--socket PATH] [PORTS.json]
 *
 * PORTS.json is a list of ports as Neutron's API has them, each with its `network`. With `--once` the ports are bound,
 * released again, and the loop ends; else it goes on until SIGINT or SIGTERM, and leaves them bound.
 *
 * In place of Neutron's calls between server and agent (agent/rpc.py, api/rpc/handlers/):
 *
 *     get_devices_details_list   bind(): the server says what a port is like when it has it bound
 *     update_device_list         the answer of bind(), then the events `port`, `lost`, `found` and `bind-retried`
 *     port_update                bind() again with the same id
 *     report_state               the stream itself: its loss is noticed at once
 *     a resync                   a line `gap`, or a new stream: ports() is read, and no healthy port changes status
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AgentRefusedError, AgentUnreachableError, connectAgent } from 'sriov/agent';
import { asRequest, isBound, isPassing, refusedPorts, shown, TWO_PORTS } from './neutron-port.mjs';

/**
 * @typedef {import('./neutron-port.mjs').FlatPort} FlatPort
 * @typedef {import('sriov/agent').PortAnswer} PortAnswer
 * @typedef {import('sriov/agent').PortView} PortView
 * @typedef {import('sriov/agent').AgentEvent | import('sriov/agent').GapEvent} Told
 */

/** In ms; doubles up to the second. */
const [FIRST_WAIT, LONGEST_WAIT] = [500, 30_000];

class NeutronLoop {
  #agent;
  /** @type {Map<string, FlatPort>} */
  #ports;
  #end = new AbortController();
  /** @type {Promise<void>} */
  #work = Promise.resolve();
  #willLook = false;
  /** @type {unknown} */
  #failure;

  /**
   * @param {import('sriov/agent').AgentClient} agent
   * @param {readonly FlatPort[]} ports
   */
  constructor(agent, ports) {
    this.#agent = agent;
    this.#ports = new Map(ports.map((port) => [port.id, port]));
  }

  stop() {
    this.#end.abort();
  }

  /** Goes on until {@link stop}. */
  async run() {
    const stream = this.#agent.events({
      follow: true,
      types: ['port', 'lost', 'found', 'bind-retried'],
      signal: this.#end.signal,
      onLost: ({ message }) => console.log(`agent: ${message}`),
      // The stream first, then the ports, so that nothing happens in between that nobody tells.
      onOpen: () => this.#then(() => this.#settle()),
    });
    for await (const told of stream) this.#hear(told);
    await this.#work;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async once() {
    await this.#bind([...this.#ports.values()]);
    const bound = [...this.#ports.values()].filter(isBound);
    if (bound.length === 0) return;
    const { released, notRestored } = await this.#agent.release(bound.map(({ id }) => id));
    for (const id of released) this.#unbound(id);
    for (const { port, message } of notRestored) console.log(`${port}: not put back: ${message}`);
  }

  /** As a resync, but what is as it was keeps its status. */
  async #settle() {
    await this.#look();
    await this.#bind([...this.#ports.values()].filter((port) => !isBound(port)));
  }

  async #look() {
    this.#willLook = false;
    const views = new Map((await this.#agent.ports()).map((view) => [view.id, view]));
    for (const view of views.values()) this.#seen(view);
    for (const port of this.#ports.values()) if (isBound(port) && !views.has(port.id)) this.#unbound(port.id);
  }

  /**
   * All in one request: the agent sends one message for each PF. What is refused for want of functions the agent
   * tries again by itself; here only an agent that does not answer, or is busy, is asked again.
   *
   * @param {readonly FlatPort[]} ports
   */
  async #bind(ports) {
    for (const { id } of ports) this.#set(id, 'BUILD', 'is to be bound');
    for (let wait = FIRST_WAIT; ports.length > 0; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        const answer = await this.#agent.bind(ports.map(asRequest));
        return answer.ports.forEach((port) => this.#answered(port));
      } catch (error) {
        const refused = refusedPorts(error);
        if (refused !== undefined) return refused.forEach((port) => this.#answered(port));
        if (!isPassing(error)) throw error;
        console.log(`agent: ${/** @type {Error} */ (error).message}; again in ${wait} ms`);
        await sleep(wait, undefined, { signal: this.#end.signal });
      }
    }
  }

  /**
   * An event says that something is new; how it is is asked, once for all events that came meanwhile, since they may
   * be older than the last answer.
   *
   * @param {Told} told
   */
  #hear(told) {
    if (told.type === 'gap') return this.#then(() => this.#settle());
    // Where it is now, the guest's host must know as well.
    if (told.type === 'bind-retried' && told.bound) return this.#then(() => this.#read(told.port));
    if (this.#willLook) return;
    this.#willLook = true;
    this.#then(() => this.#look());
  }

  /**
   * One thing after the other.
   *
   * @param {() => Promise<void>} work
   */
  #then(work) {
    this.#work = this.#work
      .then(() => (this.#end.signal.aborted ? undefined : work()))
      .catch((error) => this.#fail(error));
  }

  /** @param {string} id */
  async #read(id) {
    const { record, view } = await this.#agent.port(id);
    const binding = record.bindings.find(({ status }) => status === 'ACTIVE') ?? null;
    this.#answered({
      id,
      bound: true,
      place: view?.place ?? null,
      status: record.status,
      binding,
      refusals: [],
      changes: null,
    });
  }

  /** @param {PortAnswer} answer */
  #answered({ id, bound, status, place, binding, refusals }) {
    const port = this.#ports.get(id);
    if (port === undefined) return;
    port['binding:host_id'] = binding?.host ?? '';
    port['binding:vif_type'] = binding?.vif_type ?? 'unbound';
    port['binding:vif_details'] = binding?.vif_details ?? {};
    port['binding:profile'] = binding?.profile ?? {};
    if (bound) this.#set(id, status, shown(binding?.vif_type ?? 'unbound', place));
    else this.#set(id, 'DOWN', refusals.map(({ message }) => message).join('; '));
  }

  /**
   * A VF that is `held`, or has its guest's own MAC, is no reason to tell anyone that the port is down.
   *
   * @param {PortView} view
   */
  #seen({ id, state, status, vifType, place, reason }) {
    if (state === 'lost') this.#set(id, 'DOWN', reason ?? 'is lost');
    else if (place !== null) this.#set(id, status, shown(vifType, place));
  }

  /** @param {string} id */
  #unbound(id) {
    const port = this.#ports.get(id);
    if (port === undefined) return;
    port['binding:vif_type'] = 'unbound';
    port['binding:vif_details'] = {};
    this.#set(id, 'DOWN', 'is unbound');
  }

  /**
   * Tells a change, and that alone: for each one a server calls Nova.
   *
   * @param {string} id
   * @param {string} status
   * @param {string} why
   */
  #set(id, status, why) {
    const port = this.#ports.get(id);
    if (port === undefined) return;
    if (port.status === status) return;
    console.log(`${id}: ${port.status ?? 'DOWN'} -> ${status}: ${why}`);
    port.status = status;
  }

  /** @param {unknown} error */
  #fail(error) {
    if (this.#end.signal.aborted) return;
    this.#failure = error;
    this.stop();
  }
}

const { values, positionals } = parseArgs({
  options: { once: { type: 'boolean', default: false }, socket: { type: 'string' } },
  allowPositionals: true,
});
const [file] = positionals;
const loop = new NeutronLoop(
  connectAgent(values.socket),
  file === undefined ? TWO_PORTS.map((port) => ({ ...port })) : JSON.parse(readFileSync(file, 'utf8')),
);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => loop.stop());
try {
  await (values.once ? loop.once() : loop.run());
} catch (error) {
  if (!(error instanceof AgentUnreachableError || error instanceof AgentRefusedError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
