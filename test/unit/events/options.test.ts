/** What is refused before anything is opened, and the real addon with the loopback alone. */
import { describe, expect, it } from 'vitest';
import { InvalidConfigError, watchLinks, watchUevents } from '../../../src/index.ts';

const wrong = (value: unknown): never => value as never;

describe('options', () => {
  it.each([
    ['device must be a PCI address', () => watchLinks({ device: '' })],
    ['device must be a PCI address', () => watchLinks({ device: wrong(3) })],
    ['initial must be a boolean, not "yes"', () => watchLinks({ initial: wrong('yes') })],
    ['persistent must be a boolean, not 1', () => watchLinks({ persistent: wrong(1) })],
    ['signal must be an AbortSignal', () => watchUevents({ signal: wrong({}) })],
    ['subsystems are pci, netdevsim, net', () => watchUevents({ subsystems: wrong(['pci', 'usb']) })],
    ['not "pci"', () => watchUevents({ subsystems: wrong('pci') })],
  ])('are refused: %s', (message, call) => {
    expect(call).toThrow(InvalidConfigError);
    expect(call).toThrow(message);
  });
});

describe('the addon', () => {
  it('tells the loopback', async () => {
    const names: string[] = [];
    for await (const event of watchLinks({ initial: true })) {
      if (event.type === 'synced') break;
      names.push(event.name);
    }
    expect(names).toContain('lo');
  });
});
