/** Lines to a descriptor that refuses them. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DescriptorOutput, descriptorWriter } from '../../../../src/agent/log/destination.ts';
import { createLog } from '../../../../src/agent/log/log.ts';

/** A descriptor that takes `room` bytes and then fails, as a pipe that is full does. */
class Narrow {
  written = '';
  room = 0;
  code = 'EAGAIN';

  readonly write = (bytes: Uint8Array): number => {
    if (this.room === 0) throw Object.assign(new Error(`write ${this.code}`), { code: this.code });
    const taken = Math.min(this.room, bytes.length);
    this.room -= taken;
    this.written += Buffer.from(bytes.subarray(0, taken)).toString();
    return taken;
  };
}

function outputTo(narrow: Narrow): DescriptorOutput {
  return new DescriptorOutput(narrow.write, (lost) => `lost ${lost}\n`);
}

describe('lines to a descriptor', () => {
  test('are written at once and whole, in as many pieces as it takes', () => {
    const pieces: number[] = [];
    const output = new DescriptorOutput(
      (bytes) => {
        pieces.push(bytes.length);
        return Math.min(4, bytes.length);
      },
      () => '',
    );
    output.write('0123456789\n');
    expect(pieces).toEqual([11, 7, 3]);
  });

  test('that find no room are lost, and their number is told when there is room again', () => {
    const narrow = new Narrow();
    const output = outputTo(narrow);
    output.write('one\n');
    output.write('two\n');
    narrow.room = 1000;
    output.write('three\n');
    output.write('four\n');
    expect(narrow.written).toBe('lost 2\nthree\nfour\n');
  });

  test('of which the beginning was written are ended before the next', () => {
    const narrow = new Narrow();
    const output = outputTo(narrow);
    narrow.room = 2;
    output.write('one\n');
    output.write('two\n');
    narrow.room = 1000;
    output.write('three\n');
    expect(narrow.written).toBe('one\nlost 1\nthree\n');
  });

  test('are whole, and each is there or counted, wherever the room ends', () => {
    for (let room = 0; room <= 40; room++) {
      const narrow = new Narrow();
      const output = outputTo(narrow);
      narrow.room = room;
      for (let line = 0; line < 5; line++) output.write(`line ${line}\n`);
      narrow.room = 3;
      output.write('line 5\n');
      narrow.room = 1000;
      output.write('line 6\n');
      let there = 0;
      let lost = 0;
      for (const line of narrow.written.slice(0, -1).split('\n')) {
        expect(line).toMatch(/^(?:line|lost) \d$/u);
        if (line.startsWith('line')) there++;
        else lost += Number(line.slice(5));
      }
      expect(there + lost).toBe(7);
    }
  });
});

const LINE = `${'x'.repeat(999)}\n`;

describe('what the kernel refuses', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sriov-log-'));
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const open: number[] = [];

  afterAll(() => {
    for (const fd of open) closeSync(fd);
    rmSync(directory, { recursive: true });
  });

  function opened(path: string, flags: number): number {
    const fd = openSync(path, flags);
    open.push(fd);
    return fd;
  }

  /** What the bare write is refused with, so that the test can't pass for want of a refusal. */
  function refusalOf(fd: number): string | undefined {
    try {
      descriptorWriter(fd)(Buffer.from(LINE));
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  }

  test('a disk that is full (ENOSPC) costs lines and nothing else', () => {
    const fd = opened('/dev/full', constants.O_WRONLY);
    expect(refusalOf(fd)).toBe('ENOSPC');
    const output = new DescriptorOutput(descriptorWriter(fd), (lost) => `lost ${lost}\n`);
    expect(() => output.write('one\n')).not.toThrow();
  });

  test('a reader that is stuck (EAGAIN) costs lines, one that is gone (EPIPE) as well', () => {
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const fd = opened(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    const output = new DescriptorOutput(descriptorWriter(fd), (lost) => `lost ${lost}\n`);
    // A pipe holds 64 KiB as a rule (pipe(7)).
    for (let written = 0; written < 200; written++) output.write(LINE);
    expect(refusalOf(fd)).toBe('EAGAIN');

    const room = Buffer.alloc(1 << 20);
    const first = readSync(reader, room);
    output.write('after\n');
    const text = room.toString('utf8', 0, first + readSync(reader, room, { offset: first }));
    const whole = text.split(LINE).length - 1;
    expect(whole).toBeLessThan(200);
    expect(text).toBe(`${LINE.repeat(whole)}lost ${200 - whole}\nafter\n`);

    closeSync(reader);
    expect(refusalOf(fd)).toBe('EPIPE');
    expect(() => output.write(LINE)).not.toThrow();
  });
});

test('a log keeps nothing that the event loop waits for or is woken by', () => {
  const before = process.getActiveResourcesInfo().length;
  const log = createLog({ level: 'error', format: 'json' });
  log.write('debug', {}, 'not wanted, so not written');
  expect(process.getActiveResourcesInfo()).toHaveLength(before);
});
