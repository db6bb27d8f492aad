#!/usr/bin/env node
/**
 * Entry of the `sriov` command: the process around {@link runCli}.
 *
 * Owns streams and signals. A reader that goes away (`sriov apply plan | head`) ends the printing, never
 * the work.
 */
import { text } from 'node:stream/consumers';
import { paintFor } from './output.ts';
import { runCli } from './run.ts';

function writer(stream: NodeJS.WriteStream, onGone?: () => void): (text: string) => void {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    open = false;
    onGone?.();
    if (error.code !== 'EPIPE') process.exitCode = 1;
  });
  return (chunk) => {
    if (open) stream.write(chunk);
  };
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  // Once each: a second signal kills at once, as people expect.
  process.once('SIGINT', () => controller.abort());
  process.once('SIGTERM', () => controller.abort());
  return controller.signal;
}

const reader = new AbortController();
const drawable = process.stdout.isTTY && process.env['TERM'] !== 'dumb';
const code = await runCli(process.argv.slice(2), {
  out: writer(process.stdout, () => reader.abort()),
  err: writer(process.stderr),
  readInput: () => text(process.stdin),
  paint: paintFor(process.stdout.isTTY && process.stderr.isTTY, process.env),
  columns: process.stdout.columns ?? 100,
  readerGone: reader.signal,
  ...(drawable ? { terminal: { rows: () => process.stdout.rows } } : {}),
  interruption,
});
// Not process.exit(): what a slow reader has not taken yet would be lost.
process.exitCode ??= code;
