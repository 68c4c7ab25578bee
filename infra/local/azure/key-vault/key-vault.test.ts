import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { SecretClient } from '@azure/keyvault-secrets';
import { startTestAzure, type TestAzure } from '../test-azure';

let test: TestAzure;
let client: SecretClient;
beforeAll(async () => {
  test = await startTestAzure();
  client = new SecretClient(test.keyVaultUrl, test.credential, {
    disableChallengeResourceVerification: true,
  });
});
afterAll(() => test.close());

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) {
    collected.push(item);
  }
  return collected;
}

describe('secrets', () => {
  it('are read back by name, and by version after a new one was set', async () => {
    const first = await client.setSecret('smtp-password', 'one', {
      tags: { site: 's1' },
      contentType: 'text/plain',
    });
    const second = await client.setSecret('smtp-password', 'two');
    expect(await client.getSecret('smtp-password')).toMatchObject({ value: 'two', name: 'smtp-password' });
    expect(await client.getSecret('smtp-password', { version: first.properties.version })).toMatchObject({
      value: 'one',
      properties: { tags: { site: 's1' }, contentType: 'text/plain', enabled: true },
    });
    const versions = await collect(client.listPropertiesOfSecretVersions('smtp-password'));
    expect(new Set(versions.map(({ version }) => version))).toEqual(
      new Set([first.properties.version, second.properties.version]),
    );
  });

  it('are listed over all pages without their values', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `listed-${String(index).padStart(2, '0')}`);
    for (const name of names) {
      await client.setSecret(name, 'hidden');
    }
    const listed = await collect(client.listPropertiesOfSecrets());
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect(JSON.stringify(listed)).not.toContain('hidden');
  });

  it('can be disabled: then they are refused, not lost', async () => {
    const { properties } = await client.setSecret('disabled', 'value', { enabled: false });
    await expect(client.getSecret('disabled')).rejects.toMatchObject({
      statusCode: 403,
      code: 'Forbidden',
      details: { error: { innerError: { code: 'SecretDisabled' } } },
    });
    await client.updateSecretProperties('disabled', properties.version ?? '', { enabled: true });
    expect(await client.getSecret('disabled')).toMatchObject({ value: 'value' });
  });

  it('that are missing answer 404, names that cannot be 400', async () => {
    await expect(client.getSecret('nowhere')).rejects.toMatchObject({
      statusCode: 404,
      code: 'SecretNotFound',
    });
    await expect(client.setSecret('under_score', 'x')).rejects.toMatchObject({
      statusCode: 400,
      code: 'BadParameter',
    });
  });

  it('longer than 25 KB are refused', async () => {
    await expect(client.setSecret('long', 'x'.repeat(25_601))).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe('deletion', () => {
  it('is soft: the name is taken until the secret is recovered or purged', async () => {
    await client.setSecret('soft', 'value');
    const poller = await client.beginDeleteSecret('soft');
    await poller.pollUntilDone();
    await expect(client.getSecret('soft')).rejects.toMatchObject({ statusCode: 404 });
    await expect(client.setSecret('soft', 'new')).rejects.toMatchObject({
      statusCode: 409,
      details: { error: { innerError: { code: 'ObjectIsDeletedButRecoverable' } } },
    });
    expect(await client.getDeletedSecret('soft')).toMatchObject({
      recoveryId: `${test.keyVaultUrl}/deletedsecrets/soft`,
    });
    expect((await collect(client.listDeletedSecrets())).map(({ name }) => name)).toContain('soft');

    const recovery = await client.beginRecoverDeletedSecret('soft');
    await recovery.pollUntilDone();
    expect(await client.getSecret('soft')).toMatchObject({ value: 'value' });
  });

  it('is final after a purge', async () => {
    await client.setSecret('gone', 'value');
    await (await client.beginDeleteSecret('gone')).pollUntilDone();
    await client.purgeDeletedSecret('gone');
    await expect(client.getDeletedSecret('gone')).rejects.toMatchObject({ statusCode: 404 });
    expect(await client.setSecret('gone', 'anew')).toMatchObject({ value: 'anew' });
  });
});

describe('protection', () => {
  it('asks for a token for the vault, and takes none that was made for another resource', async () => {
    const url = `${test.keyVaultUrl}/secrets?api-version=2025-07-01`;
    const challenged = await fetch(url);
    expect(challenged.status).toBe(401);
    expect(challenged.headers.get('www-authenticate')).toBe(
      `Bearer authorization="${test.loginUrl}/${test.options.principal.tenantId}", resource="https://vault.azure.net"`,
    );
    const { token } = await test.credential.getToken('https://storage.azure.com/.default');
    const refused = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect(refused.status).toBe(401);
  });

  it('takes no administrator token', async () => {
    const response = await fetch(`${test.loginUrl}/local/token?role=FullAdmin`);
    const { access_token: token } = (await response.json()) as { access_token: string };
    const refused = await fetch(`${test.keyVaultUrl}/secrets?api-version=2025-07-01`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(refused.status).toBe(401);
  });

  it('keeps values unreadable in files that only their owner may open', async () => {
    await client.setSecret('needle', 'needle-in-the-file');
    const file = path.join(test.options.dataDir, 'key-vault.bin');
    expect(readFileSync(file).includes('needle-in-the-file')).toBe(false);
    for (const name of ['key-vault.bin', 'key-vault.key', 'login-key.pem']) {
      expect(statSync(path.join(test.options.dataDir, name)).mode & 0o777).toBe(0o600);
    }
  });
});
