/** `npm run -s token -- --role FullAdmin …`: prints an administrator's token, issued by the running service (`PORT`). */
import { basePort } from './cli/base-port';
import { runCommand } from './cli/command';

async function printToken(values: Readonly<Record<string, string | string[] | undefined>>): Promise<void> {
  const url = new URL(`http://127.0.0.1:${basePort()}/local/token`);
  for (const [name, value] of Object.entries(values)) {
    for (const one of [value ?? []].flat()) {
      url.searchParams.append(name, one);
    }
  }
  const answer = (await ask(url)) as { access_token?: string; detail?: string };
  if (answer.access_token === undefined) {
    throw new Error(answer.detail ?? 'The service returned no token.');
  }
  console.log(answer.access_token);
}

async function ask(url: URL): Promise<unknown> {
  try {
    const response = await fetch(url);
    return await response.json();
  } catch (error) {
    throw new Error(`No local service answers at ${url.origin}: start it with npm start, or set PORT.`, {
      cause: error,
    });
  }
}

void runCommand({
  name: 'npm run -s token',
  description: 'Prints an access token of an administrator, issued by the local service that runs.',
  options: {
    role: {
      type: 'string',
      value: 'ROLE',
      help: 'FullAdmin, PrivilegedPlayerAdmin, ReadOnlyAdmin or none',
    },
    customer: { type: 'string', value: 'NAME', help: 'the organisation; its first token makes it' },
    user: { type: 'string', value: 'NAME', help: "the administrator's user name" },
    group: { type: 'string', value: 'ID', multiple: true, help: 'a directory group; may be repeated' },
  },
  environment: { PORT: 'where the service runs (default: 7071)' },
  examples: [
    ['--role FullAdmin', 'a full administrator of the default organisation'],
    ['--role none --group auditors', 'somebody whose role comes from a group, if it is mapped'],
  ],
  onInterrupt: 'Interrupted: no token was printed.',
  run: printToken,
});
