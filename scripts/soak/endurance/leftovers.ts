/** What an idle service must have released, and processes that outlived their stack. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { openDatabase } from '../../../infra/local/stand-in-support/database';
import type { Stack } from '../../../infra/local/stack/stack';
import { loadConfig } from '../../../shared/config';
import { appCredential } from '../../../shared/credential';

/** Claims of dead hosts, leased blobs, messages that are never deleted; empty when there are none. */
export async function leftoversOf({ dataDir, env }: Stack): Promise<string[]> {
  const config = loadConfig(env);
  const credential = appCredential(config);
  const [blobs, messages] = await Promise.all([
    leasedBlobs(new BlobServiceClient(config.storage.blobEndpoint, credential)),
    waitingMessages(new QueueServiceClient(config.storage.queueEndpoint, credential)),
  ]);
  return [...claimsOfDeadHosts(dataDir), ...blobs, ...messages];
}

function claimsOfDeadHosts(dataDir: string): string[] {
  const database = openDatabase(path.join(dataDir, 'functions-host/functions-host.db'), '');
  try {
    const hosts = database.prepare('SELECT owner FROM hosts').all();
    const found = hosts.length > 1 ? [`${hosts.length} hosts are registered`] : [];
    for (const table of ['leases', 'instances', 'activities']) {
      const claimed = database.prepare(
        `SELECT COUNT(*) AS count FROM ${table} WHERE owner IS NOT NULL AND owner NOT IN (SELECT owner FROM hosts)`,
      );
      const { count } = claimed.get() as { count: number };
      if (count > 0) found.push(`${count} ${table} are claimed by dead hosts`);
    }
    return found;
  } finally {
    database.close();
  }
}

async function leasedBlobs(blobs: BlobServiceClient): Promise<string[]> {
  const leased: string[] = [];
  for await (const { name } of blobs.listContainers()) {
    for await (const blob of blobs.getContainerClient(name).listBlobsFlat()) {
      if (blob.properties.leaseState === 'leased') leased.push(`the blob ${name}/${blob.name} is leased`);
    }
  }
  return leased;
}

async function waitingMessages(queues: QueueServiceClient): Promise<string[]> {
  const waiting: string[] = [];
  for await (const { name } of queues.listQueues()) {
    const { approximateMessagesCount = 0 } = await queues.getQueueClient(name).getProperties();
    if (approximateMessagesCount > 0)
      waiting.push(`${approximateMessagesCount} messages are left in ${name}`);
  }
  return waiting;
}

/** Command lines of processes that work on this data folder. */
export function processesOn(dataDir: string): string[] {
  const { stdout, error } = spawnSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' });
  if (error) throw error;
  return stdout.split('\n').filter((line) => line.includes(dataDir));
}
