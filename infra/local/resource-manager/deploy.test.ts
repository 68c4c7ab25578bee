import { type DeploymentExtended, type DeploymentParameter } from '@azure/arm-resources';
import { faultClient } from '../azure/test-fault-client';
import { accountResource, startTestArm, templateOf, type TestArm } from './test-arm';

let arm: TestArm;
beforeAll(async () => {
  arm = await startTestArm();
  await arm.client.resourceGroups.createOrUpdate('rg', { location: 'westeurope', tags: { site: 'one' } });
});
afterAll(() => arm.close());

const quickly = { updateIntervalInMs: 20 };

function deploy(
  members: object,
  parameters: Record<string, DeploymentParameter> = {},
  name = 'main',
): Promise<DeploymentExtended> {
  const properties = { mode: 'Incremental' as const, template: templateOf(members), parameters };
  return arm.client.deployments.beginCreateOrUpdateAndWait('rg', name, { properties }, quickly);
}

/** The error of a refused deployment or validation. */
async function refusal(work: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await work;
  } catch (error) {
    return error as Record<string, unknown>;
  }
  throw new Error('It was not refused.');
}

async function operationsOf(name: string) {
  const found = [];
  for await (const operation of arm.client.deploymentOperations.list('rg', name))
    found.push(operation.properties);
  return found;
}

describe('a deployment', () => {
  it('creates its resources in order, and reports outputs, operations and resources', async () => {
    const share = {
      type: 'Microsoft.Storage/storageAccounts/fileServices',
      apiVersion: '2024-01-01',
      name: "[concat(parameters('account'), '/default')]",
      dependsOn: ["[resourceId('Microsoft.Storage/storageAccounts', parameters('account'))]"],
      properties: {},
    };
    const result = await deploy(
      {
        parameters: { account: { type: 'string' }, secret: { type: 'securestring' } },
        resources: [share, accountResource({ name: "[parameters('account')]" })],
        outputs: {
          endpoint: { type: 'string', value: "[reference(parameters('account')).primaryEndpoints.file]" },
          hidden: { type: 'securestring', value: "[parameters('secret')]" },
        },
      },
      { account: { value: 'ordered1' }, secret: { value: 'never-shown' } },
      'ordered',
    );
    expect(result.properties).toMatchObject({
      provisioningState: 'Succeeded',
      parameters: { account: { type: 'String', value: 'ordered1' }, secret: { type: 'SecureString' } },
      outputs: {
        endpoint: { type: 'String', value: 'https://ordered1.file.core.windows.net/' },
        hidden: { type: 'SecureString' },
      },
    });
    expect(result.properties?.outputResources).toHaveLength(2);
    const operations = await operationsOf('ordered');
    expect(operations.map((operation) => operation?.targetResource?.resourceName)).toEqual([
      'ordered1',
      'ordered1/default',
      undefined,
    ]);
    expect(operations.every((operation) => operation?.provisioningState === 'Succeeded')).toBe(true);
    const account = await arm.client.resources.getById(operations[0]?.targetResource?.id ?? '', '2024-01-01');
    expect(account).toMatchObject({
      name: 'ordered1',
      location: 'westeurope',
      sku: { name: 'Standard_LRS' },
    });
  });

  it('runs nested deployments as deployments of their own, whose outputs others use', async () => {
    const inner = {
      parameters: { name: { type: 'string' } },
      resources: [accountResource({ name: "[parameters('name')]" })],
      outputs: { name: { type: 'string', value: "[concat(parameters('name'), 'b')]" } },
    };
    const nested = (name: string, value: string): object => ({
      type: 'Microsoft.Resources/deployments',
      apiVersion: '2024-03-01',
      name,
      properties: {
        mode: 'Incremental',
        expressionEvaluationOptions: { scope: 'inner' },
        parameters: { name: { value } },
        template: templateOf(inner),
      },
    });
    await deploy(
      {
        resources: [nested('second', "[reference('first').outputs.name.value]"), nested('first', 'nested1')],
      },
      {},
      'around',
    );
    expect((await arm.client.deployments.get('rg', 'second')).properties?.outputs).toEqual({
      name: { type: 'String', value: 'nested1bb' },
    });
    const names = [];
    for await (const { name } of arm.client.resources.listByResourceGroup('rg')) names.push(name);
    expect(names).toEqual(expect.arrayContaining(['nested1', 'nested1b']));
  });

  it('fails as a whole with the errors of what failed, and goes on with what does not depend on it', async () => {
    const orphan = {
      type: 'Microsoft.Storage/storageAccounts/fileServices',
      apiVersion: '2024-01-01',
      name: 'nowhere/default',
    };
    const error = await refusal(
      deploy({ resources: [orphan, accountResource({ name: 'survivor' })] }, {}, 'failing'),
    );
    expect(error.message).toMatch(/DeploymentFailed.*At least one resource deployment operation failed/);
    const { properties } = await arm.client.deployments.get('rg', 'failing');
    expect(properties).toMatchObject({
      provisioningState: 'Failed',
      error: { code: 'DeploymentFailed', details: [{ code: 'ParentResourceNotFound' }] },
    });
    expect(properties?.outputResources?.map(({ id }) => id)).toEqual([expect.stringMatching(/survivor$/)]);
    const [failed] = (await operationsOf('failing')).filter((one) => one?.provisioningState === 'Failed');
    expect(failed).toMatchObject({
      statusCode: 'NotFound',
      statusMessage: { error: { code: 'ParentResourceNotFound' } },
    });
  });

  it('may be repeated, and keeps what it made', async () => {
    const members = {
      resources: [
        {
          type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
          apiVersion: '2024-11-30',
          name: 'identity',
          location: 'westeurope',
        },
      ],
      outputs: { id: { type: 'string', value: "[reference('identity').principalId]" } },
    };
    const first = await deploy(members, {}, 'repeated');
    const second = await deploy(members, {}, 'repeated');
    expect(second.properties?.outputs).toEqual(first.properties?.outputs);
  });

  it.each<[string, object, string, RegExp]>([
    [
      'a template that is not valid',
      { resources: [accountResource({ dependsOn: ['x'] })] },
      'InvalidTemplate',
      /^Deployment template validation failed: 'The resource 'x' is not defined in the template/,
    ],
    [
      'an unknown API version',
      { resources: [accountResource({ apiVersion: '2000-01-01' })] },
      'NoRegisteredProviderFound',
      /for type 'storageAccounts'. The supported api-versions are '2025-08-01, 2024-01-01'/,
    ],
    [
      'an unknown type',
      { resources: [accountResource({ type: 'Microsoft.Storage/buckets' })] },
      'InvalidResourceType',
      /could not be found in the namespace 'Microsoft.Storage'/,
    ],
    [
      'an unknown namespace',
      { resources: [accountResource({ type: 'Contoso.Storage/buckets' })] },
      'InvalidResourceNamespace',
      /'Contoso.Storage' is invalid/,
    ],
  ])(
    'is refused with %s before anything is made, on validation as well',
    async (_, members, code, message) => {
      expect(await refusal(deploy(members))).toMatchObject({
        code,
        message: expect.stringMatching(message) as string,
      });
      const properties = { mode: 'Incremental' as const, template: templateOf(members) };
      const validated = await refusal(
        arm.client.deployments.beginValidateAndWait('rg', 'main', { properties }, quickly),
      );
      expect(validated).toMatchObject({ statusCode: 400, code });
    },
  );

  it('is refused with all that the resource providers do not take', async () => {
    const error = await refusal(
      deploy({
        resources: [accountResource({ name: 'Upper-Case' }), accountResource({ name: 'x'.repeat(25) })],
      }),
    );
    expect(error).toMatchObject({
      code: 'InvalidTemplateDeployment',
      details: { error: { details: [{ code: 'AccountNameInvalid' }, { code: 'AccountNameInvalid' }] } },
    });
  });

  it('is validated without making anything', async () => {
    const properties = {
      mode: 'Incremental' as const,
      template: templateOf({ resources: [accountResource({ name: 'onlyvalidated' })] }),
    };
    const result = await arm.client.deployments.beginValidateAndWait(
      'rg',
      'checked',
      { properties },
      quickly,
    );
    expect(result.properties?.validatedResources).toEqual([
      { id: expect.stringMatching(/onlyvalidated$/) as string },
    ]);
    expect(await arm.client.deployments.checkExistence('rg', 'checked')).toEqual({ body: false });
  });

  it('needs a resource group that is there', async () => {
    const properties = { mode: 'Incremental' as const, template: templateOf({}) };
    const work = arm.client.deployments.beginCreateOrUpdateAndWait(
      'nowhere',
      'main',
      { properties },
      quickly,
    );
    expect(await refusal(work)).toMatchObject({ statusCode: 404, code: 'ResourceGroupNotFound' });
  });
});

describe('under faults', () => {
  const { inject, clear } = {
    inject: (order: object) =>
      faultClient(arm.azure.loginUrl).inject({ standIn: 'resourceManager', ...order }),
    clear: () => faultClient(arm.azure.loginUrl).clear(),
  };
  afterEach(() => clear());

  it('fails where a resource of a type is refused, by type and n-th call', async () => {
    await inject({
      method: 'CREATE',
      body: '"type":"Microsoft.Storage/storageAccounts"',
      skip: 1,
      effect: { do: 'refuse', status: 409, code: 'QuotaExceeded' },
    });
    await refusal(
      deploy(
        { resources: [0, 1, 2].map((index) => accountResource({ name: `quota${index}` })) },
        {},
        'quota',
      ),
    );
    const { properties } = await arm.client.deployments.get('rg', 'quota');
    expect(properties?.error?.details).toMatchObject([{ code: 'QuotaExceeded' }]);
    expect(properties?.outputResources).toHaveLength(2);
  });

  it('leaves a resource behind whose creation is reported as failed', async () => {
    await inject({
      method: 'CREATE',
      path: '*/storageAccounts/left1',
      effect: { do: 'failAfterSuccess', status: 500 },
    });
    await refusal(deploy({ resources: [accountResource({ name: 'left1' })] }, {}, 'left'));
    const response = await arm.send(
      'GET',
      '/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/left1?api-version=2024-01-01',
    );
    expect(response.status).toBe(200);
  });

  it('is throttled with a wait, in the shape of Resource Manager', async () => {
    await inject({
      method: 'PUT',
      path: '*/deployments/*',
      effect: { do: 'throttle', retryAfterSeconds: 7 },
    });
    const response = await arm.send(
      'PUT',
      '/resourceGroups/rg/providers/Microsoft.Resources/deployments/d?api-version=2024-03-01',
      {},
    );
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(response.body).toMatchObject({ error: { code: 'TooManyRequests' } });
  });

  it('tries again what a resource provider throttles', async () => {
    await inject({
      method: 'CREATE',
      path: '*/throttled1',
      times: 2,
      effect: { do: 'throttle', retryAfterSeconds: 0 },
    });
    expect(
      (await deploy({ resources: [accountResource({ name: 'throttled1' })] }, {}, 'throttled')).properties
        ?.provisioningState,
    ).toBe('Succeeded');
  });

  it('can be cancelled while it is slow, and is not replaced meanwhile', async () => {
    await inject({ method: 'CREATE', path: '*/slow1', effect: { do: 'delay', seconds: 0.5 } });
    const next = accountResource({ name: 'slow2', dependsOn: ['slow1'] });
    const properties = {
      mode: 'Incremental' as const,
      template: templateOf({ resources: [accountResource({ name: 'slow1' }), next] }),
    };
    await arm.client.deployments.beginCreateOrUpdate('rg', 'slow', { properties });
    expect(await refusal(deploy({}, {}, 'slow'))).toMatchObject({
      statusCode: 409,
      code: 'DeploymentActive',
    });
    await arm.client.deployments.cancel('rg', 'slow');
    let state: string | undefined;
    do state = (await arm.client.deployments.get('rg', 'slow')).properties?.provisioningState;
    while (state === 'Running' || state === 'Accepted');
    expect(state).toBe('Canceled');
    expect(await refusal(arm.client.deployments.cancel('rg', 'slow'))).toMatchObject({
      code: 'DeploymentCannotBeCancelled',
    });
    expect((await operationsOf('slow')).map((one) => one?.targetResource?.resourceName)).toEqual(['slow1']);
  });
});
