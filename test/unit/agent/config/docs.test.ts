/** The page of the configuration and the table of keys say the same. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CONFIG_KEYS } from '../../../../src/agent/config/keys.ts';

const page = readFileSync(new URL('../../../../docs/agent-config.md', import.meta.url), 'utf8');
const section = page.slice(page.indexOf('\n## Keys'), page.indexOf('\n## Environment'));
const rows = section.split('\n').filter((line) => line.startsWith('| `'));

test('the page has a row for each key, in the order of the table, and no other', () => {
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, key]) => key),
  );
  expect(named).toEqual(CONFIG_KEYS.map(({ path }) => path));
});

test.each(CONFIG_KEYS.filter(({ standard }) => standard !== undefined && !Array.isArray(standard)))(
  'the default of $path on the page is the one that is used',
  ({ path, standard }) => {
    const row = rows.find((line) => line.includes(`\`${path}\``)) ?? '';
    const shown = (row.split('|')[3] ?? '').trim().replaceAll('`', '');
    expect(shown.split(':')[0]).toBe(String(standard));
  },
);
