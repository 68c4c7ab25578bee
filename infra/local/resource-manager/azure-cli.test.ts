import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { localSubscriptionId } from '../azure/login/directory-ids';
import { cliEnvironment, cloudCommands, isCliInstalled } from './test-cli';
import { startTestArm, templateOf, type TestArm } from './test-arm';

// Each command starts a Python program, which a busy machine does slowly.
jest.setTimeout(600_000);

const run = promisify(execFile);
const describeWithCli = isCliInstalled ? describe : describe.skip;

let arm: TestArm;
let folder: string;
beforeAll(async () => {
  arm = await startTestArm();
  folder = mkdtempSync(path.join(tmpdir(), 'azure-cli-'));
});
afterAll(async () => {
  await arm.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a command prints; its end of standard error when it fails. */
async function az(...args: string[]): Promise<string> {
  try {
    const { stdout } = await run('az', args, { env: cliEnvironment(arm.azure, folder) });
    return stdout;
  } catch (error) {
    const { stderr } = error as { stderr: string };
    throw new Error(stderr.trim().split('\n').slice(-30).join('\n'));
  }
}

async function azJson<T>(...args: string[]): Promise<T> {
  return JSON.parse(await az(...args, '--output', 'json')) as T;
}

async function signIn(): Promise<void> {
  for (const command of cloudCommands(arm.azure)) await az(...command);
  const { clientId, clientSecret, tenantId } = arm.azure.options.principal;
  await az('login', '--service-principal', '-u', clientId, `-p=${clientSecret}`, '--tenant', tenantId);
}

/** With comments, which the command-line tool passes on as they are. */
const template = `// The template of a test.
${JSON.stringify(
  templateOf({
    parameters: { name: { type: 'string', minLength: 3 } },
    resources: [
      {
        type: 'Microsoft.Storage/storageAccounts',
        apiVersion: '2024-01-01',
        name: "[parameters('name')]",
        location: '[resourceGroup().location]',
        sku: { name: 'Standard_LRS' },
        kind: 'StorageV2',
      },
    ],
    outputs: { blobs: { type: 'string', value: "[reference(parameters('name')).primaryEndpoints.blob]" } },
  }),
  null,
  2,
)}`;

describeWithCli(
  isCliInstalled ? 'the Azure CLI' : 'the Azure CLI (skipped: there is no az on this machine)',
  () => {
    it('signs in, makes a group, validates, deploys, lists and deletes', async () => {
      await signIn();
      const account = await azJson<{ id: string }>('account', 'show');
      expect(account.id).toBe(localSubscriptionId);

      const group = await azJson<object>(
        'group',
        'create',
        '--name',
        'cli',
        '--location',
        'westeurope',
        '--tags',
        'site=one',
      );
      expect(group).toMatchObject({ location: 'westeurope', tags: { site: 'one' } });

      const file = path.join(folder, 'template.json');
      writeFileSync(file, template);
      const deployment = ['--resource-group', 'cli', '--template-file', file, '--parameters'];
      await expect(az('deployment', 'group', 'validate', ...deployment, 'name=x')).rejects.toThrow(
        /greater than or equal to '3'/,
      );
      const validated = await azJson<object>(
        'deployment',
        'group',
        'validate',
        ...deployment,
        'name=cliaccount',
      );
      expect(validated).toMatchObject({ properties: { provisioningState: 'Succeeded' } });

      const deployed = await azJson<object>(
        'deployment',
        'group',
        'create',
        ...deployment,
        'name=cliaccount',
      );
      expect(deployed).toMatchObject({
        properties: {
          provisioningState: 'Succeeded',
          outputs: { blobs: { value: 'https://cliaccount.blob.core.windows.net/' } },
        },
      });
      const resources = await azJson<{ name: string }[]>('resource', 'list', '--resource-group', 'cli');
      expect(resources.map(({ name }) => name)).toEqual(['cliaccount']);

      await az('group', 'delete', '--name', 'cli', '--yes');
      expect((await az('group', 'exists', '--name', 'cli')).trim()).toBe('false');
    });
  },
);
