/**
 * `sriov status --watch`: the view on a terminal, or as a stream.
 *
 * Owns what is printed of each view, and which views say nothing new. When there is one is `watch.ts`'s.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { AgentClient } from '../../agent/api/client.ts';
import type { AgentUnreachableError } from '../../agent/api/errors.ts';
import type { AgentStatus } from '../../agent/status.ts';
import type { CliIo } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { toJson } from '../json.ts';
import { openScreen } from './screen.ts';
import { statusText } from './status-text.ts';
import { streamEnd } from './stream-end.ts';
import { watchStatus } from './watch.ts';

/** In ms: at most five views a second. */
const PAUSE = 200;

interface Show {
  readonly onStatus: (status: AgentStatus) => void;
  readonly onLost: (error: AgentUnreachableError) => void;
  /** @param last - the newest view; undefined = there was none */
  readonly end: (last: AgentStatus | undefined) => void;
}

/** The view without times and counts, which differ in any two. */
function essence({ pfs, ports, ...status }: AgentStatus): string {
  return JSON.stringify({
    ...status,
    uptimeMs: null,
    seq: null,
    counters: null,
    pfs: pfs.map(({ trouble, ...pf }) => ({
      ...pf,
      lastLook: null,
      trouble: trouble === null ? null : { ...trouble, retryInMs: null },
    })),
    ports: ports.map((port) => ({ ...port, retryInMs: null })),
  });
}

function stream({ out, err, paint }: CliIo, json: boolean): Show {
  let before: string | undefined;
  return {
    onStatus: (status) => {
      const now = essence(status);
      if (now === before) return;
      const gap = before === undefined || json ? '' : '\n';
      before = now;
      out(gap + (json ? `${toJson(status)}\n` : statusText(status, paint)));
    },
    onLost: ({ message }) => {
      // So that the same view is told again once the agent is back.
      if (before !== undefined) before = '';
      err(`sriov: ${message}; it is looked for\n`);
    },
    end: () => undefined,
  };
}

function live({ out, paint }: CliIo, rows: () => number): Show {
  const screen = openScreen(out, rows);
  let shown = '';
  return {
    onStatus: (status) => {
      shown = statusText(status, paint);
      screen.draw(shown);
    },
    onLost: ({ message }) => screen.draw(`${paint('red', `${message}; it is looked for`)}\n\n${shown}`),
    end: (last) => {
      screen.leave();
      // Of what was on the screen, the last view stays.
      if (last !== undefined) out(statusText(last, paint));
    },
  };
}

export interface LiveOptions {
  readonly agent: Pick<AgentClient, 'status' | 'events'>;
  readonly io: CliIo;
  readonly json: boolean;
  /** The part of the view that is asked for. */
  readonly view: (status: AgentStatus) => AgentStatus;
  /** For tests; absent = a fifth of a second. */
  readonly pause?: (signal: AbortSignal) => Promise<void>;
}

const pauseFor = (signal: AbortSignal): Promise<void> =>
  wait(PAUSE, undefined, { signal }).catch(() => undefined);

/** Ends at the first signal, or when nobody reads. Gives the exit status: how the agent was last. */
export async function liveStatus({ agent, io, json, view, pause = pauseFor }: LiveOptions): Promise<number> {
  const signal = streamEnd(io);
  const seen: { last: AgentStatus | undefined; lost: boolean } = { last: undefined, lost: false };
  const show = io.terminal === undefined || json ? stream(io, json) : live(io, io.terminal.rows);
  try {
    await watchStatus({
      agent,
      signal,
      pause,
      onStatus: (status) => {
        seen.lost = false;
        seen.last = view(status);
        show.onStatus(seen.last);
      },
      onLost: (error) => {
        // Once, and not for each attempt.
        if (!seen.lost) show.onLost(error);
        seen.lost = true;
      },
    });
  } finally {
    show.end(seen.last);
  }
  if (seen.lost) return EXIT.unsupported;
  return seen.last?.healthy === false ? EXIT.failed : EXIT.done;
}
