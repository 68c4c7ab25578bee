/** The gateway's command line: flags, or the same as one JSON object. */
import { parseArgs } from 'node:util';
import { z } from 'zod';

const schema = z
  .strictObject({
    port: z.coerce.number().int().min(0).max(65_535),
    data: z.string().min(1),
    cert: z.string().optional(),
    key: z.string().optional(),
    jwks: z.url().optional(),
    ca: z.string().optional(),
    masterKey: z.base64().optional(),
    servicePrincipal: z.string().optional(),
    strict: z.boolean().optional(),
    staleSeconds: z.coerce.number().min(0).max(600).optional(),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'cert and key belong together')
  .refine(({ jwks, masterKey }) => (jwks ?? masterKey) !== undefined, 'jwks or masterKey is needed');

export type CommandLine = z.infer<typeof schema>;

const azureVariables = ['WEBSITE_INSTANCE_ID', 'WEBSITE_SITE_NAME'];

/**
 * @param args flags such as `--port 7072 --data FILE`, or one argument that is a JSON object
 * @throws Error that says what is wrong with the arguments, or that this is Azure
 */
export function parseCommandLine(args: string[], environment: NodeJS.ProcessEnv): CommandLine {
  const azure = azureVariables.find((name) => environment[name]);
  if (azure !== undefined) {
    throw new Error(`The local Cosmos DB gateway does not start inside Azure (${azure} is set).`);
  }
  const [first = ''] = args;
  const options: unknown = first.startsWith('{') ? JSON.parse(first) : readFlags(args);
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new Error(`Bad arguments:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function readFlags(args: string[]): object {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      port: text,
      data: text,
      cert: text,
      key: text,
      jwks: text,
      ca: text,
      'master-key': text,
      'service-principal': text,
      strict: { type: 'boolean' },
      'stale-seconds': text,
    },
  });
  const {
    'master-key': masterKey,
    'service-principal': servicePrincipal,
    'stale-seconds': staleSeconds,
    ...others
  } = values;
  return {
    ...others,
    ...(masterKey !== undefined && { masterKey }),
    ...(servicePrincipal !== undefined && { servicePrincipal }),
    ...(staleSeconds !== undefined && { staleSeconds }),
  };
}
