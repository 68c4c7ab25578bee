/** For tests: Azurite behind the stand-in, on free ports in a temporary folder. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ensureCertificates } from '../../stack/certificates';
import { ManagedProcess } from '../../stack/managed-process';
import { portsFrom } from '../../stack/ports';
import { azurite } from '../../stack/processes';
import { repositoryRoot } from '../../stack/repository-root';
import { startTestAzure, type TestAzure } from '../test-azure';

export interface TestStorage {
  azure: TestAzure;
  /** Azurite itself, to be stopped and started. */
  behind: ManagedProcess;
  blobEndpoint: string;
  queueEndpoint: string;
  close(): Promise<void>;
}

export async function startTestStorage(): Promise<TestStorage> {
  const azure = await startTestAzure();
  const { dataDir, ports } = azure.options;
  const folders = { run: path.join(dataDir, 'run'), logs: path.join(dataDir, 'logs') };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const layout = {
    root: repositoryRoot(__dirname),
    dataDir,
    ports: { ...portsFrom(ports.blob - 2) },
    certificates: await ensureCertificates(path.join(dataDir, 'certificates')),
    principalFile: azure.certificateFiles.principal,
    appBundle: '',
    eventFunction: '',
    hostFlags: [],
  };
  const behind = new ManagedProcess(azurite(layout), folders);
  await behind.start();
  const at = (port: number): string => `https://127.0.0.1:${port}/devstoreaccount1`;
  return {
    azure,
    behind,
    blobEndpoint: at(ports.blob),
    queueEndpoint: at(ports.queue),
    close: async () => {
      await behind.stop();
      await azure.close();
    },
  };
}
