/** The stream of events. Owns the route; how a slow client is dealt with is `follow.ts`'s. */
import { z } from 'zod';
import { suggestion } from '../../../suggest.ts';
import { streamEvents } from '../follow.ts';
import type { Route } from '../route.ts';
import { EVENT_TYPES } from '../schema/events.ts';

const whole = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'must be a whole number, 0 or more' })
  .transform(Number);

const types = z.string().transform((text, context) => {
  const names = text.split(',').filter((name) => name !== '');
  for (const name of names) {
    if (EVENT_TYPES.some((known) => known === name)) continue;
    const message = `${JSON.stringify(name.slice(0, 48))} is no type of event; ${suggestion(name, EVENT_TYPES)}`;
    context.addIssue({ code: 'custom', message });
  }
  return new Set(names);
});

const query = z.strictObject({
  since: z.exactOptional(whole),
  started: z.exactOptional(z.iso.datetime()),
  follow: z.exactOptional(z.enum(['true', 'false']).transform((text) => text === 'true')),
  types: z.exactOptional(types),
});

export const EVENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/events',
    name: 'events',
    right: 'read',
    summary: 'Events of the agent, one line of JSON each',
    description:
      'Those after `since` that are kept (the last 1,024), and with `follow` those to come. Without `since`: all that are kept, with `follow` only those to come. A line of type `gap` says that events are missing. With `started`, the header Sriov-Started of an earlier answer, a restart of the agent is such a gap. `types` is a list with commas. While nothing happens, an empty line comes every 30 s.',
    query,
    answers: 'EventLine',
    stream: true,
    errors: [],
    handle: async ({ agent, query: given, response, signal }) => {
      const { since, started, follow = false, types: chosen } = given as z.infer<typeof query>;
      await streamEvents(agent, response, {
        follow,
        signal,
        ...(since === undefined ? {} : { since }),
        ...(started === undefined ? {} : { started }),
        ...(chosen === undefined || chosen.size === 0 ? {} : { types: chosen }),
      });
      return undefined;
    },
  },
];
