/**
 * One agent a store.
 *
 * Owns the lock: a Unix socket that listens in the store's directory, so that the kernel gives it back however its
 * owner ends. Not a file with a process id: in another PID namespace (containers) it names someone else. Not an
 * abstract socket: these are of a network namespace, and anyone could take the name, while the store's directory is its
 * owner's alone.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, openSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RefusedError } from '../../errors.ts';

export interface AgentLock {
  /** Gives it back. */
  release(): void;
}

const NAME = /^agent-[0-9a-f]{16}\.lock$/;
/** An agent that can't answer within this, in ms, is taken for one that runs. */
const ANSWER_MS = 2_000;
const AGAIN_MS = 20;

/**
 * Takes the lock of a store. Everyone makes a socket of a name never used again, and looks at the others' only then: of
 * two that start at once, each can be seen by the other, and the one whose name comes first goes on. A socket on which
 * nobody listens is a dead process's.
 *
 * @param directory - of the store; it must be there
 * @throws RefusedError - another agent runs on this store; its process id, as it sees it, is in the message
 * @throws Error - `code` is the errno of the file system
 */
export async function lockStore(directory: string): Promise<AgentLock> {
  // By descriptor: the path of a socket has at most 107 bytes (unix(7)).
  const fd = openSync(directory, 'r');
  const at = (name: string): string => `/proc/self/fd/${fd}/${name}`;
  const own = `agent-${randomBytes(8).toString('hex')}.lock`;
  const state = { word: 'starting' };
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(`${state.word} ${process.pid} ${own}`);
  });
  const release = (): void => {
    server.close();
    rmSync(at(own), { force: true });
    closeSync(fd);
  };
  try {
    await listen(server, at(own));
    chmodSync(at(own), 0o600);
    const others = (): string[] => readdirSync(directory).filter((name) => NAME.test(name) && name !== own);
    for (let left = others(); left.length > 0; left = others()) {
      for (const name of left) await outlast(at(name), name, own, directory);
      await sleep(AGAIN_MS);
    }
    state.word = 'running';
    // The lock alone is no reason to go on living.
    server.unref();
    return { release: once(release) };
  } catch (error) {
    release();
    throw error;
  }
}

/** Returns when that one is gone, or may be asked again. */
async function outlast(path: string, name: string, own: string, directory: string): Promise<void> {
  const answer = await ask(path);
  if (answer === 'gone') rmSync(path, { force: true });
  if (answer === 'gone' || answer === 'leaving') return;
  const [word, pid] = answer === 'mute' ? [] : answer.split(' ');
  if (word === 'starting' && own < name) return;
  throw new RefusedError(
    `an agent ${word === 'starting' ? 'starts' : 'runs'} on store ${directory} already` +
      `${pid === undefined ? '' : ` (process ${pid})`}; stop it, or give this one a store of its own`,
  );
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

/** What its owner says of itself; `leaving`: it closed without a word, so it is about to be gone. */
function ask(path: string): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(path);
    socket.setEncoding('utf8').setTimeout(ANSWER_MS, () => {
      resolve('mute');
      socket.destroy();
    });
    socket.on('data', (text: string) => (said += text));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve('gone');
      // A full queue is a sign of life.
      if (code === 'EAGAIN') resolve('mute');
    });
    socket.on('close', () => resolve(said === '' ? 'leaving' : said));
  });
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}
