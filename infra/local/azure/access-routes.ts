/** `/local/access`: what each identity has called, in this process and, by asking it, in the Cosmos DB gateway. */
import { ACCESS_PATH, type AccessControl } from '../access/access-control';
import { HttpError } from '../stand-in-support/errors';
import { type Handler } from '../stand-in-support/server';

/** @param cosmosUrl of the gateway, without a path; absent where there is none */
export function accessRoutes(access: AccessControl, cosmosUrl: string | undefined): Record<string, Handler> {
  return {
    [`GET ${ACCESS_PATH}`]: async () => ({
      status: 200,
      body: { value: [...access.list(), ...(cosmosUrl === undefined ? [] : await askGateway(cosmosUrl))] },
    }),
  };
}

async function askGateway(cosmosUrl: string): Promise<unknown[]> {
  try {
    const response = await fetch(cosmosUrl + ACCESS_PATH);
    return ((await response.json()) as { value: unknown[] }).value;
  } catch (error) {
    throw new HttpError(502, 'BadGateway', `The Cosmos DB gateway does not answer: ${String(error)}`);
  }
}
