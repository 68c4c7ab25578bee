import { testTarget } from '../expressions/test-scope';
import { TemplateError } from '../expressions/errors';
import { type Value, type ValueObject } from '../expressions/values';
import { type DeploymentPlan } from './deployment-plan';
import { planDeployment } from './plan';
import { type GivenParameters } from './template';

const account = (members: ValueObject = {}): ValueObject => ({
  type: 'Microsoft.Storage/storageAccounts',
  apiVersion: '2024-01-01',
  name: 'account',
  location: '[resourceGroup().location]',
  ...members,
});

function template(members: ValueObject): ValueObject {
  const $schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
  return { $schema, contentVersion: '1.0.0.0', resources: [], ...members };
}

function plan(members: ValueObject, given: GivenParameters = {}): DeploymentPlan {
  return planDeployment({
    template: template(members),
    given,
    target: testTarget,
    groupNamed: () => undefined,
    now: new Date('2026-01-02T03:04:05Z'),
  });
}

function refusal(members: Value, given: GivenParameters = {}): string {
  try {
    plan(members as ValueObject, given);
  } catch (error) {
    if (error instanceof TemplateError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('It was not refused.');
}

const names = ({ instances }: DeploymentPlan): string[] => instances.map(({ name }) => name);

function awaitedBy(planned: DeploymentPlan, name: string): string[] {
  const instance = planned.instances.find((one) => one.name === name);
  return instance === undefined ? [] : [...(planned.dependencies.get(instance) ?? [])].map((one) => one.name);
}

describe('parameters', () => {
  const parameters = {
    size: { type: 'int', maxValue: 9 },
    prefix: { type: 'string', defaultValue: "[concat('a', utcNow('yyyy'))]" },
  };
  const resources = [account({ name: "[concat(parameters('prefix'), parameters('SIZE'))]" })];

  it('take what is given, or their default, which may be an expression', () => {
    expect(names(plan({ parameters, resources }, { Size: { value: 3 } }))).toEqual(['a20263']);
  });

  it.each<[string, GivenParameters, string]>([
    ['are missing', {}, "The value for the template parameter 'size' is not provided"],
    [
      'are not declared',
      { size: { value: 1 }, other: { value: 1 } },
      "The template parameters 'other' in the parameters file are not valid",
    ],
    [
      'have another type',
      { size: { value: '3' } },
      "Expected a value of type 'Integer', but received a value of type 'String'",
    ],
    ['are out of bounds', { size: { value: 10 } }, "should be less than or equal to '9'"],
  ])('are refused when they %s', (_, given, message) => {
    expect(refusal({ parameters, resources }, given)).toMatch(`InvalidTemplate: `);
    expect(refusal({ parameters, resources }, given)).toContain(message);
  });

  it('never show a secure value, neither in the answer nor in a refusal', () => {
    const secure = { password: { type: 'securestring', allowedValues: ['right'] } };
    expect(plan({ parameters: secure }, { password: { value: 'right' } }).parameters?.described()).toEqual({
      password: { type: 'SecureString' },
    });
    expect(refusal({ parameters: secure }, { password: { value: 'hidden' } })).not.toContain('hidden');
  });

  it('that refer to each other in a circle are refused', () => {
    const circle = {
      a: { type: 'string', defaultValue: "[parameters('b')]" },
      b: { type: 'string', defaultValue: "[parameters('a')]" },
    };
    expect(refusal({ parameters: circle })).toContain('circular');
  });
});

describe('variables', () => {
  it('may use parameters, each other, loops and functions of the template', () => {
    const planned = plan({
      functions: [
        {
          namespace: 'my',
          members: {
            twice: {
              parameters: [{ name: 'x', type: 'string' }],
              output: { type: 'string', value: "[concat(parameters('x'), parameters('x'))]" },
            },
          },
        },
      ],
      variables: {
        copy: [{ name: 'all', count: 2, input: "[concat(variables('base'), copyIndex('all'))]" }],
        base: "[my.twice('ab')]",
      },
      resources: [account({ name: "[last(variables('all'))]" })],
    });
    expect(names(planned)).toEqual(['abab1']);
  });

  it('may not refer to resources, nor to themselves', () => {
    expect(refusal({ variables: { v: "[reference('x')]" } })).toContain(
      "The template variable 'v' is not valid: The template function 'reference' is not expected at this location",
    );
    expect(refusal({ variables: { v: "[variables('v')]" } })).toContain('circular');
  });
});

describe('resources', () => {
  it('are copied, with children and in batches', () => {
    const child = {
      type: 'fileServices',
      apiVersion: '2024-01-01',
      name: 'default',
      dependsOn: ["[concat('account', copyIndex())]"],
    };
    const planned = plan({
      resources: [
        account({
          name: "[concat('account', copyIndex())]",
          copy: { name: 'loop', count: 3, mode: 'Serial', batchSize: 2 },
          resources: [child],
        }),
      ],
    });
    expect(names(planned)).toEqual([
      'account0',
      'account0/default',
      'account1',
      'account1/default',
      'account2',
      'account2/default',
    ]);
    expect(planned.instances[1]).toMatchObject({
      type: 'Microsoft.Storage/storageAccounts/fileServices',
      id: `${testTarget.resourceGroup.id}/providers/Microsoft.Storage/storageAccounts/account0/fileServices/default`,
    });
    expect(awaitedBy(planned, 'account1')).toEqual([]);
    expect(awaitedBy(planned, 'account2')).toEqual(['account0', 'account1']);
    expect(awaitedBy(planned, 'account2/default')).toEqual(['account2']);
  });

  it('are left out when their condition is false, and may still be waited for', () => {
    const planned = plan({
      resources: [
        account({ condition: '[equals(1, 2)]' }),
        account({ name: 'other', dependsOn: ['account'] }),
      ],
    });
    expect(planned.instances.map(({ isDeployed }) => isDeployed)).toEqual([false, true]);
  });

  it('may be distinguished by symbols', () => {
    const planned = plan({
      languageVersion: '2.0',
      resources: {
        first: account(),
        second: account({ name: 'other', dependsOn: ['first'] }),
        there: account({ name: 'there', existing: true }),
      },
    });
    expect(awaitedBy(planned, 'other')).toEqual(['account']);
    expect(planned.instances[2]?.isDeployed).toBe(false);
  });

  it('lie in the scope of the resource that they extend', () => {
    const role = {
      type: 'Microsoft.Authorization/roleAssignments',
      apiVersion: '2022-04-01',
      name: "[guid('x')]",
      scope: "[resourceId('Microsoft.Storage/storageAccounts', 'account')]",
    };
    expect(plan({ resources: [role] }).instances[0]?.id).toMatch(
      /\/storageAccounts\/account\/providers\/Microsoft.Authorization\/roleAssignments\/[-0-9a-f]{36}$/,
    );
  });

  it.each<[string, Value, string]>([
    [
      'an unknown parameter',
      [account({ name: "[parameters('x')]" })],
      "The template resource '[parameters('x')]' is not valid: The template parameter 'x' is not found",
    ],
    [
      'an unknown parameter in the properties',
      [account({ kind: "[parameters('x')]" })],
      "Unable to process template language expressions for resource 'account'. 'The template parameter 'x' is not found",
    ],
    [
      'an unknown function, even where it is never evaluated',
      [account({ condition: false, kind: '[foo()]' })],
      "The template function 'foo' is not valid",
    ],
    [
      'a name with too few segments',
      [account({ type: 'Microsoft.Storage/storageAccounts/fileServices' })],
      'has incorrect segment lengths',
    ],
    [
      'a resource twice',
      [account(), account({ name: 'ACCOUNT' })],
      'is defined multiple times in a template',
    ],
    ['a negative number of copies', [account({ copy: { name: 'l', count: -1 } })], 'copy count'],
    [
      'a dependency on what is not there',
      [account({ dependsOn: ['nowhere'] })],
      "The resource 'nowhere' is not defined in the template",
    ],
    [
      'a reference to what is not there',
      [account({ kind: "[reference('nowhere').a]" })],
      "The template resource reference 'nowhere' is not valid",
    ],
    [
      'a circle',
      [account({ dependsOn: ['other'] }), account({ name: 'other', kind: "[reference('account').a]" })],
      "Circular dependency detected on resource: '/subscriptions/",
    ],
    [
      'a reference in a name',
      [account({ name: "[reference('x').a]" })],
      "The template function 'reference' is not expected at this location",
    ],
  ])('with %s are refused', (_, resources, message) => {
    expect(refusal({ resources })).toContain(message);
  });

  it('are refused when the template has members that it cannot have', () => {
    expect(refusal({ parametres: {} })).toMatch(
      /^InvalidRequestContent: .*Could not find member 'parametres'/,
    );
  });
});

describe('references', () => {
  const user = (expression: string): ValueObject => account({ name: 'user', kind: expression });

  it('without an API version make the resource wait, by name or by id', () => {
    const byId = "[reference(resourceId('Microsoft.Storage/storageAccounts', 'account')).a]";
    for (const expression of ["[reference('account').a]", byId, "[listKeys('account', '2024-01-01').keys]"]) {
      expect(awaitedBy(plan({ resources: [user(expression), account()] }), 'user')).toEqual(['account']);
    }
  });

  it('by id and API version do not, since they may mean any resource', () => {
    const expression =
      "[reference(resourceId('Microsoft.Storage/storageAccounts', 'account'), '2024-01-01').a]";
    expect(awaitedBy(plan({ resources: [user(expression), account()] }), 'user')).toEqual([]);
  });
});

describe('nested deployments', () => {
  function nested(scope: 'Inner' | 'Outer', inner: ValueObject, parameters: ValueObject = {}): ValueObject {
    const properties = {
      mode: 'Incremental',
      expressionEvaluationOptions: { scope },
      parameters,
      template: template(inner),
    };
    return { type: 'Microsoft.Resources/deployments', apiVersion: '2024-03-01', name: 'inner', properties };
  }

  it('of inner scope see only their own parameters, whose errors are found beforehand', () => {
    const inner = {
      parameters: { p: { type: 'int' } },
      resources: [account({ name: "[concat('a', parameters('p'))]" })],
    };
    expect(names(plan({ resources: [nested('Inner', inner, { p: { value: 3 } })] }))).toEqual(['inner']);
    expect(refusal({ resources: [nested('Inner', inner, { p: { value: 'x' } })] })).toContain(
      "Expected a value of type 'Integer'",
    );
    expect(refusal({ resources: [nested('Inner', inner)] })).toContain("'p' is not provided");
  });

  it('of outer scope see the parameters around them', () => {
    const inner = { resources: [account({ name: "[parameters('p')]" })] };
    const parameters = { p: { type: 'string', defaultValue: 'outside' } };
    expect(names(plan({ parameters, resources: [nested('Outer', inner)] }))).toEqual(['inner']);
    expect(refusal({ resources: [nested('Outer', inner)] })).toContain("'p' is not found");
  });

  it('wait for what is referred to in their parameters, or in a template of outer scope', () => {
    const inner = {
      parameters: { p: { type: 'string' } },
      resources: [account({ name: 'i', kind: "[parameters('p')]" })],
    };
    const byParameter = nested('Inner', inner, { p: { value: "[reference('account').a]" } });
    const byTemplate = nested('Outer', {
      resources: [account({ name: 'i', kind: "[reference('account').a]" })],
    });
    for (const deployment of [byParameter, byTemplate]) {
      expect(awaitedBy(plan({ resources: [deployment, account()] }), 'inner')).toEqual(['account']);
    }
  });
});
