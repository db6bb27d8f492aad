/** What the pages say of the agent is in the code: types of events, routes, commands, and links between pages. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROUTES } from '../../../src/agent/api/routes/table.ts';
import { EVENT_TYPES } from '../../../src/agent/api/schema/events.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const captured = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, first = '']) => first);

describe('types of events', () => {
  test('are those of events.ts', () => {
    const source = read('src/agent/events.ts');
    const lifecycle = captured(/\[T in (.*?)\]: \{/.exec(source)?.[1] ?? '', /'([a-z-]+)'/g);
    const types = [...captured(source, /^ {2}readonly type: '([a-z-]+)';$/gm), ...lifecycle];
    expect(types.sort()).toEqual([...EVENT_TYPES].sort());
  });

  test('have a level in the page of the log', () => {
    const log = read('docs/metrics.md');
    const rows = log.split('\n').filter((line) => /^\| `(error|warn|info|debug)` \|/.test(line));
    expect(rows).toHaveLength(4);
    const named = new Set(rows.flatMap((row) => captured(row.split('|')[2] ?? '', /`([a-z-]+)`/g)));
    expect([...named].sort()).toEqual([...EVENT_TYPES].sort());
  });

  test('that are asked for in an example exist', () => {
    const asked = captured(read('docs/agent-api.md'), /types=([a-z,-]+)/g).flatMap((list) => list.split(','));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((type) => !EVENT_TYPES.some((known) => known === type))).toEqual([]);
  });
});

describe('the page of the API', () => {
  /** Commands of the first block, of which one may have several lines. */
  const asks = (read('docs/agent-api.md').split('```')[1] ?? '')
    .replaceAll(/\n {2}/g, ' ')
    .split('\n')
    .filter((line) => line.startsWith('ask '))
    .map((line) => {
      const method = /-X (\w+)/.exec(line)?.[1] ?? (/ -d /.test(line) ? 'POST' : 'GET');
      const [, target = ''] = /http:\/\/localhost([^'\s]+)/.exec(line) ?? [];
      return { method, target: target.split('?')[0] ?? '' };
    });

  test('asks in its examples what there is to ask', () => {
    expect(asks.length).toBeGreaterThan(5);
    for (const { method, target } of asks) {
      const found = ROUTES.some((route) => {
        const pattern = `^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`;
        return route.method === method && new RegExp(pattern).test(target);
      });
      expect(found, `${method} ${target}`).toBe(true);
    }
  });
});

describe('commands', () => {
  test('that README and pages of the agent show exist', () => {
    const names = COMMANDS.map(({ name }) => name);
    const pages = ['README.md', 'docs/agent.md', 'docs/agent-config.md', 'docs/agent-api.md']
      .map(read)
      .join('\n');
    const shown = [...captured(pages, /^# sriov ([a-z-]+)/gm), ...captured(pages, /`sriov ([a-z-]+)[ `]/g)];
    expect(shown.length).toBeGreaterThan(10);
    const unknown = [...new Set(shown)].filter(
      (name) => !names.some((known) => known.split(' ')[0] === name),
    );
    expect(unknown).toEqual([]);
  });
});

describe('links', () => {
  const pages = [
    'README.md',
    'ARCHITECTURE.md',
    ...readdirSync(path.join(ROOT, 'docs')).map((file) => `docs/${file}`),
  ];

  test.each(pages)('of %s lead somewhere', (page) => {
    const targets = captured(read(page), /\]\(([^)#]+)(?:#[^)]*)?\)/g).filter(
      (target) => !target.includes('://'),
    );
    const missing = targets.filter((target) => !existsSync(path.join(ROOT, path.dirname(page), target)));
    expect(missing).toEqual([]);
  });

  test('of README reach every page', () => {
    const readme = read('README.md');
    expect(readdirSync(path.join(ROOT, 'docs')).filter((file) => !readme.includes(`(docs/${file})`))).toEqual(
      [],
    );
  });
});
