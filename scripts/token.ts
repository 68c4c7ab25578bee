/** `npm run -s token -- --role FullAdmin …`: prints an administrator's token, issued by the running service (`PORT`). */
import { parseArgs } from 'node:util';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      role: { type: 'string' },
      customer: { type: 'string' },
      user: { type: 'string' },
      group: { type: 'string', multiple: true },
    },
  });
  const port = process.env.PORT ?? '7071';
  const url = new URL(`http://127.0.0.1:${port}/local/token`);
  for (const [name, value] of Object.entries(values)) {
    for (const one of [value].flat()) {
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

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
