/** A stream of bytes as lines of text. Owns the cutting; readline would lose an error of the stream. */
import { StringDecoder } from 'node:string_decoder';

export async function* lines(source: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of source) {
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}
