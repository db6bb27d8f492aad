/**
 * A process of another user that asks the agent, as a client that nobody helps.
 *
 * Arguments: socket, uid, gid, supplementary groups (1,2 or empty), then METHOD and path in turn. Ids are set before
 * it connects, so that the kernel writes these down. Prints a JSON array with the status and the body of each
 * answer, or the errno name where it could not connect.
 */
import { request } from 'node:http';

const [socketPath, uid, gid, groups = '', ...wanted] = process.argv.slice(2);
process.setgroups?.(groups === '' ? [] : groups.split(',').map(Number));
process.setgid?.(Number(gid));
process.setuid?.(Number(uid));

/**
 * @param {string | undefined} method
 * @param {string | undefined} path
 */
function ask(method, path) {
  return new Promise((resolve) => {
    const asked = request({ socketPath, method, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve([response.statusCode, text]));
    });
    asked.on('error', (error) => resolve(['code' in error ? error.code : '', error.message]));
    asked.end();
  });
}

const answers = [];
for (let index = 0; index + 1 < wanted.length; index += 2) {
  answers.push(await ask(wanted[index], wanted[index + 1]));
}
console.log(JSON.stringify(answers));
