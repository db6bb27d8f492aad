/**
 * A terminal that shows one text, redrawn in place.
 *
 * Owns the control sequences (ECMA-48, and DEC private modes as in xterm's ctlseqs). It gives the terminal back as it
 * was.
 */
import type { CliIo } from '../command.ts';

const CSI = '\u001b[';
/** Alternate screen, no cursor, long lines cut and not wrapped. */
const ENTER = `${CSI}?1049h${CSI}?25l${CSI}?7l`;
const LEAVE = `${CSI}?7h${CSI}?25h${CSI}?1049l`;
const HOME = `${CSI}H`;
const ERASE_LINE = `${CSI}2K`;
const ERASE_BELOW = `${CSI}J`;

export interface Screen {
  readonly draw: (text: string) => void;
  /** May be called again. */
  readonly leave: () => void;
}

/** @param rows - of the terminal, as it is at each drawing */
export function openScreen(out: CliIo['out'], rows: () => number): Screen {
  let open = true;
  out(ENTER);
  return {
    draw: (text) => {
      const lines = text.trimEnd().split('\n');
      const room = Math.max(1, rows());
      const shown =
        lines.length <= room
          ? lines
          : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`];
      // Line by line: a screen that is erased as a whole flickers.
      out(`${HOME}${shown.map((line) => `${ERASE_LINE}${line}`).join('\r\n')}${ERASE_BELOW}`);
    },
    leave: () => {
      if (open) out(LEAVE);
      open = false;
    },
  };
}
