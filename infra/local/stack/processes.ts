/** The programs of the stack with their flags. */
import path from 'node:path';
import { type Certificates } from './certificates';
import { senderDomain } from './environment';
import { type ProcessSpec } from './managed-process';
import { type StackPorts } from './ports';

export interface StackLayout {
  /** Holds `dist/`, `node_modules/` and `host.json`. */
  root: string;
  dataDir: string;
  ports: StackPorts;
  certificates: Certificates;
  principalFile: string;
  /** The app's bundle. */
  appBundle: string;
  /** Name of the Event Grid function that the one subscription calls. */
  eventFunction: string;
  /** More flags of the Functions host. */
  hostFlags: string[];
  /** Blobs are kept in memory instead of by Azurite. */
  memoryBlobs?: boolean;
}

/** Tables, and the blobs and queues behind the ports that clients use. */
export function azurite({ root, dataDir, ports, certificates, memoryBlobs }: StackLayout): ProcessSpec {
  // Nobody calls Azurite's blobs while they are in memory: any free port.
  const blobPort = memoryBlobs ? 0 : ports.azuriteBlob;
  return {
    name: 'azurite',
    script: path.join(root, 'node_modules/azurite/dist/src/azurite.js'),
    args: [
      ...['--location', path.join(dataDir, 'azurite')],
      ...['--blobPort', String(blobPort)],
      ...['--queuePort', String(ports.azuriteQueue)],
      ...['--tablePort', String(ports.table)],
      ...['--cert', certificates.certFile],
      ...['--key', certificates.keyFile],
      ...['--oauth', 'basic'],
      // Longer than the proxy in front keeps an idle connection.
      ...['--blobKeepAliveTimeout', '65'],
      ...['--queueKeepAliveTimeout', '65'],
      '--silent',
      '--skipApiVersionCheck',
      '--disableTelemetry',
    ],
    env: {},
    ports: memoryBlobs
      ? [ports.azuriteQueue, ports.table]
      : [ports.azuriteBlob, ports.azuriteQueue, ports.table],
    readyPattern: /Table service is successfully listening/,
    stopSeconds: 5,
    salt: certificates.fingerprint,
  };
}

export function cosmosGateway(layout: StackLayout): ProcessSpec {
  const { root, dataDir, ports, certificates, principalFile } = layout;
  return {
    name: 'cosmos',
    script: path.join(root, 'dist/local/cosmos.js'),
    args: [
      ...['--port', String(ports.cosmos)],
      ...['--data', path.join(dataDir, 'cosmos.sqlite')],
      ...['--cert', certificates.certFile],
      ...['--key', certificates.keyFile],
      ...['--jwks', `https://127.0.0.1:${ports.login}/common/discovery/v2.0/keys`],
      ...['--ca', certificates.caFile],
      ...['--service-principal', principalFile],
    ],
    env: {},
    ports: [ports.cosmos],
    readyPattern: /^ready /m,
    stopSeconds: 5,
    salt: certificates.fingerprint,
  };
}

/** Login, Key Vault, Event Grid topic, Email, SMTP, Resource Manager, and what stands before Azurite. */
export function azureStandIns(layout: StackLayout): ProcessSpec {
  const { root, dataDir, ports, certificates } = layout;
  const webhook = `http://127.0.0.1:${ports.host}/runtime/webhooks/eventgrid?functionName=${layout.eventFunction}`;
  return {
    name: 'azure',
    script: path.join(root, 'dist/local/azure.js'),
    args: [
      ...['--data', path.join(dataDir, 'azure')],
      ...['--blob-port', String(ports.blob)],
      ...['--queue-port', String(ports.queue)],
      ...['--azurite-blob-port', String(ports.azuriteBlob)],
      ...['--azurite-queue-port', String(ports.azuriteQueue)],
      ...['--login-port', String(ports.login)],
      ...['--key-vault-port', String(ports.keyVault)],
      ...['--event-grid-port', String(ports.eventGrid)],
      ...['--email-port', String(ports.email)],
      ...['--smtp-port', String(ports.smtp)],
      ...['--resource-manager-port', String(ports.resourceManager)],
      ...['--cert', certificates.certFile],
      ...['--key', certificates.keyFile],
      ...['--service-principal', layout.principalFile],
      ...['--webhook', webhook],
      ...['--first-retries-seconds', '1,2,5'],
      ...['--blob-endpoint', `https://127.0.0.1:${ports.blob}/devstoreaccount1`],
      ...['--cosmos-url', `https://127.0.0.1:${ports.cosmos}`],
      ...['--sender-domain', senderDomain],
      ...(layout.memoryBlobs ? ['--memory-blobs'] : []),
    ],
    env: { NODE_EXTRA_CA_CERTS: certificates.caFile },
    ports: [
      ports.login,
      ports.blob,
      ports.queue,
      ports.keyVault,
      ports.eventGrid,
      ports.email,
      ports.smtp,
      ports.resourceManager,
      ...(layout.memoryBlobs ? [ports.azuriteBlob] : []),
    ],
    readyPattern: /^ready /m,
    stopSeconds: 5,
    salt: certificates.fingerprint,
  };
}

/** The host and, inside it, the app. */
export function functionsHost(layout: StackLayout, appEnv: Record<string, string>): ProcessSpec {
  return hostInstance('functions-host', layout.ports.host, layout, appEnv);
}

/** A second instance on the same storage; its app calls this host. */
export function secondFunctionsHost(layout: StackLayout, appEnv: Record<string, string>): ProcessSpec {
  const port = layout.ports.secondHost;
  const env = { ...appEnv, WEBSITE_HOSTNAME: `127.0.0.1:${port}` };
  return hostInstance('functions-host-2', port, layout, env);
}

function hostInstance(
  name: string,
  port: number,
  { root, dataDir, ports, appBundle, hostFlags }: StackLayout,
  env: Record<string, string>,
): ProcessSpec {
  return {
    name,
    script: path.join(root, 'dist/local/functions-host.js'),
    args: [
      ...['--app', appBundle],
      ...['--port', String(port)],
      ...['--host-json', path.join(root, 'host.json')],
      ...['--storage-dir', path.join(dataDir, 'functions-host')],
      ...['--local-url', `https://127.0.0.1:${ports.login}`],
      ...hostFlags,
    ],
    env,
    ports: [port],
    readyPattern: /^ready /m,
    // It waits ten seconds for running functions, and two for clients that read their answers.
    stopSeconds: 14,
  };
}
