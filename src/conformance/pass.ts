/**
 * Whether a frame gets from one net device to another.
 *
 * Owns how often it is sent and how long it is waited for.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeadlineError } from '../errors.ts';
import { FrameTap, type TestFrame } from './frame-tap.ts';

export type Frame = Omit<TestFrame, 'number'>;

const TIMES = 5;
const WAIT = 150;
let number = 0;

/**
 * The frame as it arrived, or undefined. It is sent five times, as one may be lost while a port settles; what must
 * not arrive has to stay away for as long as all five take.
 *
 * @param from - net device that sends it
 * @param to - net device that should see it
 * @param promiscuous - the receiver also takes what is for others
 */
export async function passFrame(
  from: string,
  to: string,
  promiscuous: boolean,
  frame: Frame,
): Promise<TestFrame | undefined> {
  const sender = new FrameTap(from, false);
  try {
    const receiver = new FrameTap(to, promiscuous);
    try {
      number = (number + 1) % 65_536;
      const mine = number;
      for (let attempt = 0; attempt < TIMES; attempt++) {
        sender.send({ ...frame, number: mine });
        const frames = await receiver.collect(WAIT, (all) => all.some((one) => one.number === mine));
        const found = frames.find((one) => one.number === mine);
        if (found !== undefined) return found;
      }
      return undefined;
    } finally {
      receiver.close();
    }
  } finally {
    sender.close();
  }
}

/** Waits for the carrier of a net device that is up. @throws DeadlineError */
export async function waitForCarrier(name: string, timeoutMs = 30_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      if (readFileSync(`/sys/class/net/${name}/carrier`, 'utf8').trim() === '1') return;
    } catch {
      // EINVAL while it is down.
    }
    if (performance.now() > end) {
      throw new DeadlineError(`${name} has no carrier after ${timeoutMs} ms; is its port connected?`, false);
    }
    await sleep(50);
  }
}
