/** What the durable fixture apps share: their effects, and an HTTP function through which tests use the durable client. */
import { appendFileSync } from 'node:fs';
import { app, type HttpRequest, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';

/** Reports an activity's effect to the test. */
export function effect(line: string): void {
  appendFileSync(process.env.EFFECTS ?? '/dev/null', `${line}\n`);
}

type Caller = Record<string, (...values: unknown[]) => Promise<unknown>>;

/** Registers POST /client, which calls the durable client with `{ call, args }` as an app would. */
export function registerClient(): void {
  app.http('client', {
    methods: ['POST'],
    extraInputs: [df.input.durableClient()],
    handler: async (request: HttpRequest, context: InvocationContext) => {
      const { call, args } = (await request.json()) as { call: string; args: unknown[] };
      const client = df.getClient(context);
      try {
        return { jsonBody: { result: await (client as unknown as Caller)[call]?.(...args) } };
      } catch (error) {
        return { jsonBody: { error: (error as Error).message } };
      }
    },
  });
}
