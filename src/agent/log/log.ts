/**
 * The agent's log: lines with a level, as JSON or for people.
 *
 * Owns the form of both and where they go. What is said, and at which level, is `attach.ts`'s to decide.
 */
import { pino } from 'pino';
import type { LogSettings } from '../settings.ts';
import { DescriptorOutput, descriptorWriter, type LogOutput } from './destination.ts';
import { textLine } from './text-line.ts';

export type LogLevel = LogSettings['level'];

/** What is known beside the sentence, by name; in the JSON form only. `time` is ISO 8601; absent = now. */
export interface LogFields {
  readonly time?: string;
  readonly [name: string]: unknown;
}

export interface AgentLog {
  /** Whether a line of this level would be written. */
  wants(level: LogLevel): boolean;
  /** One line. Never throws, and never waits for whoever reads it. */
  write(level: LogLevel, fields: LogFields, message: string): void;
  /** Level and form from now on. */
  configure(settings: LogSettings): void;
  setLevel(level: LogLevel): void;
}

/**
 * @param output - takes the lines; absent = standard error, written at once. Lines that can't be written there are
 *   lost, and counted in a line as soon as one can be
 */
export function createLog(settings: LogSettings, output?: LogOutput): AgentLog {
  let format = settings.format;
  const inForm = (json: string): string => (format === 'json' ? json : toText(json));
  const out = output ?? new DescriptorOutput(descriptorWriter(2), (lost) => inForm(lossLine(lost)));
  const logger = pino(
    {
      level: settings.level,
      base: null,
      // Of the event, where a line is one's.
      timestamp: false,
      formatters: { level: (level) => ({ level }) },
    },
    {
      write(json: string): void {
        try {
          out.write(inForm(json));
        } catch {
          // A log that can't be written must not end the work that it tells of.
        }
      },
    },
  );
  return {
    wants: (level) => logger.isLevelEnabled(level),
    write(level, { time, ...fields }, message) {
      logger[level]({ time: time ?? new Date().toISOString(), ...fields }, message);
    },
    configure(next) {
      format = next.format;
      logger.level = next.level;
    },
    setLevel(level) {
      logger.level = level;
    },
  };
}

/** From the JSON form, so that the two can't differ; lines are few. */
function toText(json: string): string {
  const { time, level, msg } = JSON.parse(json) as { time: string; level: string; msg: string };
  return textLine(time, level, msg);
}

function lossLine(lost: number): string {
  const msg = `${lost} lines of this log are missing: they could not be written`;
  return `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), event: 'log-lost', lost, msg })}\n`;
}
