/**
 * Rules for the template of every plan. They are those of the ARM template toolkit that a generator can
 * violate: https://github.com/Azure/arm-ttk/tree/master/arm-ttk/testcases/deploymentTemplate
 */
import { allPairs, choices, pairsOf, planOfChoice } from '../testing/matrix';
import { CONTEXT } from '../testing/context';
import { PARIS, planOf, type PlanInput, subnet } from '../testing/plans';
import { API_VERSIONS, type Json, type ResourceType, type Template } from './arm';
import { nameErrors } from './resource-names';
import { DECLARATIONS, secretParameters } from './parameters';
import { makeTemplate, type SiteTemplate } from './template';

interface ResourceJson {
  type: string;
  apiVersion: string;
  name: string;
  location?: string;
  copy?: object;
  dependsOn?: string[];
  properties: Record<string, unknown>;
}

const all = choices();
const generated = all.map((choice) => ({
  choice,
  plan: planOfChoice(choice),
  site: makeTemplate(planOfChoice(choice), CONTEXT),
}));
const resourcesOf = ({ resources }: Template) => resources as unknown as ResourceJson[];

/** The rule's violations in every template, each with the options of its plan. */
function violationsOf(rule: (template: Template, site: SiteTemplate) => string[]): string[] {
  const found = generated.flatMap(({ choice, site }) =>
    [site.main, ...site.nested.values()].flatMap((template) =>
      rule(template, site).map((violation) => `${violation} (${Object.values(choice).join(', ')})`),
    ),
  );
  return found.slice(0, 10);
}

/** Every text within a value. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...texts(inner)]);
}

const expressions = (value: unknown) => texts(value).filter((text) => /^\[(?!\[)/.test(text));
/** The JSON of a template without the templates nested in it. */
function ownText(template: Template): string {
  return JSON.stringify(template, (key, value: unknown) => (key === 'template' ? undefined : value));
}

const secrets = Object.entries(DECLARATIONS).flatMap(([name, { type }]) =>
  type === 'securestring' ? [name] : [],
);

it('ARM-2: covers every pair of options', () => {
  const covered = new Set(all.flatMap(pairsOf));
  expect(all.length).toBeGreaterThanOrEqual(60);
  expect(allPairs().filter((pair) => !covered.has(pair))).toEqual([]);
});

describe('ARM-2: of every plan', () => {
  it('uses each parameter that it declares, and declares each that it uses', () => {
    const violations = violationsOf((template) => {
      const used = new Set([...ownText(template).matchAll(/parameters\('(\w+)'\)/g)].map(([, name]) => name));
      const declared = Object.keys(template.parameters);
      return [
        ...declared.filter((name) => !used.has(name)).map((name) => `${name} is not used`),
        ...[...used]
          .filter((name) => !declared.includes(name ?? ''))
          .map((name) => `${name} is not declared`),
      ];
    });
    expect(violations).toEqual([]);
  });

  it('passes each nested template exactly the parameters that it declares, with the inner scope of evaluation', () => {
    const violations = violationsOf((template) =>
      resourcesOf(template)
        .filter(({ type }) => type === 'Microsoft.Resources/deployments')
        .flatMap(({ name, properties }) => {
          const {
            parameters,
            template: part,
            expressionEvaluationOptions,
          } = properties as {
            parameters: object;
            template: Template;
            expressionEvaluationOptions: { scope: string };
          };
          const given = Object.keys(parameters).join();
          return given === Object.keys(part.parameters).join() &&
            expressionEvaluationOptions.scope === 'Inner'
            ? []
            : [name];
        }),
    );
    expect(violations).toEqual([]);
  });

  it('ARM-3: declares secrets as secure parameters without a default, and never outputs them', () => {
    expect(secrets.filter((name) => /password|secret|token|certificate/i.test(name))).toEqual(secrets);
    expect(
      Object.keys(DECLARATIONS).filter((name) => /password|secret(?!Name)|token|key$/i.test(name)),
    ).toEqual(secrets.filter((name) => name !== 'certificate'));
    const violations = violationsOf(({ parameters, outputs }) => [
      ...Object.entries(parameters).flatMap(([name, { type, defaultValue }]) =>
        type === 'securestring' && defaultValue !== undefined ? [`${name} has a default`] : [],
      ),
      ...texts(outputs).filter(
        (text) => /list\w*\(/i.test(text) || secrets.some((name) => text.includes(name)),
      ),
    ]);
    expect(violations).toEqual([]);
    for (const { plan, site } of generated) {
      const needed = Object.keys(site.main.parameters).filter((name) => secrets.includes(name));
      expect(needed.sort()).toEqual([...secretParameters(plan)].sort());
      expect(Object.keys(site.parameters).filter((name) => secrets.includes(name))).toEqual([]);
    }
  });

  it('gives a value to each parameter that is neither secret nor has a default', () => {
    for (const { site } of generated) {
      const missing = Object.entries(site.main.parameters)
        .filter(([, { type, defaultValue }]) => type !== 'securestring' && defaultValue === undefined)
        .map(([name]) => name)
        .filter((name) => !(name in site.parameters));
      expect(missing).toEqual([]);
      expect(Object.keys(site.parameters).filter((name) => !(name in site.main.parameters))).toEqual([]);
    }
  });

  it('ARM-3: puts passwords of extensions into protected settings only', () => {
    const violations = violationsOf((template) =>
      resourcesOf(template)
        .filter(({ type }) => /extensions|runCommands/.test(type))
        .flatMap(({ name, properties: { protectedSettings: _hidden, ...open } }) =>
          expressions(open).some((text) => secrets.some((secret) => text.includes(`'${secret}'`)))
            ? [name]
            : [],
        ),
    );
    expect(violations).toEqual([]);
  });

  it('places every resource by the parameter, and only private zones globally', () => {
    const tracked =
      /^(?!Microsoft\.Authorization|Microsoft\.Insights|Microsoft\.Resources)[^/]+\/[^/]+$|databases$|Endpoints$|extensions$|runCommands$/;
    const violations = violationsOf((template) =>
      resourcesOf(template).flatMap(({ type, name, location }) => {
        if (type.startsWith('Microsoft.Network/privateDnsZones')) return location === 'global' ? [] : [name];
        const isRight = tracked.test(type) ? location === "[parameters('location')]" : location === undefined;
        return isRight ? [] : [`${type} ${name}`];
      }),
    );
    expect(violations).toEqual([]);
  });

  it('uses one API version per resource type, none of them a preview where there is another', () => {
    const previews = Object.entries(API_VERSIONS).filter(([, version]) => !/^\d{4}-\d\d-\d\d$/.test(version));
    // Diagnostic settings with category groups have no other version.
    expect(previews.map(([type]) => type)).toEqual(['Microsoft.Insights/diagnosticSettings']);
    const violations = violationsOf((template) =>
      resourcesOf(template).flatMap(({ type, apiVersion }) =>
        API_VERSIONS[type as ResourceType] === apiVersion ? [] : [`${type} ${apiVersion}`],
      ),
    );
    expect(violations).toEqual([]);
    const used = new Set(
      generated.flatMap(({ site }) =>
        [site.main, ...site.nested.values()].flatMap(resourcesOf).map(({ type }) => type),
      ),
    );
    expect(Object.keys(API_VERSIONS).filter((type) => !used.has(type))).toEqual([]);
  });

  it('depends by resource ids on what is in the same template, without circles', () => {
    const violations = violationsOf((template) => {
      const resources = resourcesOf(template);
      const ids = new Map(resources.map((resource) => [idExpression(resource), resource]));
      const dangling = resources.flatMap(({ name, dependsOn = [] }) =>
        dependsOn.filter((id) => !ids.has(id)).map((id) => `${name} depends on ${id}, which is not there`),
      );
      return [...dangling, ...cycles(resources, ids), ...dependencyStyle(resources)];
    });
    expect(violations).toEqual([]);
  });

  it('holds no address of a cloud, no empty value, and no image but the latest', () => {
    const violations = violationsOf((template) => [
      ...texts(template).filter(
        (text) => /windows\.net|azure\.net|azure\.com/.test(text) && !/schema|#/.test(text),
      ),
      ...empties(template.resources),
      ...resourcesOf(template).flatMap(({ properties }) => {
        const image = (properties['storageProfile'] as { imageReference?: { version: string } } | undefined)
          ?.imageReference;
        return image && image.version !== 'latest' ? [image.version] : [];
      }),
    ]);
    expect(violations).toEqual([]);
  });

  it('has names that are valid in Azure', () => {
    expect(generated.flatMap(({ site }) => nameErrors(site.names))).toEqual([]);
  });

  it('contains no text of the plan: names and descriptions are passed in parameters', () => {
    const injection = "[concat('x', listKeys('y'))]";
    const plan = planOf({
      name: injection,
      description: injection,
      tags: { [`${injection.replace(/[<>]/g, '')}`]: injection },
    });
    expect(JSON.stringify(makeTemplate(plan, CONTEXT).main)).not.toContain("listKeys('y')");
  });
});

/** The expression of a resource's id. */
function idExpression({ type, name, ...rest }: ResourceJson): string {
  const scope = (rest as { scope?: string }).scope;
  const inner = name.slice(1, -1);
  if (scope) return extensionId(type, inner, scope);
  const segments = type.split('/').length - 1;
  if (segments === 1) return `[resourceId('${type}', ${inner})]`;
  const parts = /^concat\((.*)\)$/.exec(inner)?.[1] ?? '';
  return `[resourceId('${type}', ${childNames(parts)})]`;
}

/** `concat(parent, '/child')` as the two names; `concat(parent, '/default/x', …)` is depended on by nobody. */
function childNames(parts: string): string {
  const withPath = /^(.*), '\/([\w-]*)'(?:, (.*))?$/.exec(parts);
  if (!withPath) return parts;
  const [, parent = '', child = '', more] = withPath;
  return `${parent}, ${child === '' ? (more ?? '') : `'${child}'`}`;
}

function extensionId(type: string, name: string, scope: string): string {
  const [, scopeType = '', scopeName = ''] = /^\[concat\('([^']+)\/', (.*)\)\]$/.exec(scope) ?? [];
  return `[extensionResourceId(resourceId('${scopeType}', ${scopeName}), '${type}', ${name})]`;
}

function cycles(resources: ResourceJson[], ids: ReadonlyMap<string, ResourceJson>): string[] {
  const state = new Map<ResourceJson, 'open' | 'done'>();
  const visit = (resource: ResourceJson): string[] => {
    if (state.get(resource) === 'done') return [];
    if (state.get(resource) === 'open') return [`cycle at ${resource.name}`];
    state.set(resource, 'open');
    const found = (resource.dependsOn ?? []).flatMap((id) => {
      const next = ids.get(id);
      return next ? visit(next) : [];
    });
    state.set(resource, 'done');
    return found;
  };
  return resources.flatMap(visit);
}

function dependencyStyle(resources: ResourceJson[]): string[] {
  return resources.flatMap(({ name, dependsOn = [] }) =>
    dependsOn
      .filter((id) => !/^\[(resourceId|extensionResourceId)\(/.test(id) || /\bif\(/.test(id))
      .map(() => name),
  );
}

function empties(value: unknown, at = ''): string[] {
  if (value === '' || value === null) return [`${at} is empty`];
  if (typeof value !== 'object') return [];
  const entries = Object.entries(value);
  // Azure requires these objects and lists even when they are empty.
  const mayBeEmpty = /properties$|outputs$|virtualNetworkRules$|userAssignedIdentities|parameters$/.test(at);
  if (entries.length === 0 && !mayBeEmpty) return [`${at} is empty`];
  return entries.flatMap(([key, inner]) => empties(inner, `${at}/${key}`));
}

describe('a change of one option', () => {
  const base = makeTemplate(planOf(), CONTEXT);

  function difference(change: Partial<PlanInput>) {
    const site = makeTemplate(planOf(change), CONTEXT);
    const names = new Set([...base.nested.keys(), ...site.nested.keys()]);
    const differs = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
    const parameters = new Set([...Object.keys(base.parameters), ...Object.keys(site.parameters)]);
    return {
      parts: [...names].filter((name) => differs(base.nested.get(name), site.nested.get(name))),
      parameters: [...parameters].filter((name) => differs(base.parameters[name], site.parameters[name])),
    };
  }

  it.each<[string, Partial<PlanInput>, string[], string[]]>([
    ['of nothing', {}, [], []],
    ['of the name', { name: 'Berlin' }, [], []],
    ['of the region', { region: 'westeurope' }, [], ['location']],
    ['of tags', { tags: {} }, [], ['tags']],
    [
      'of the number of machines',
      { machines: { ...PARIS.machines, count: 4 } },
      [],
      ['names', 'machineCount'],
    ],
    ['of their size', { machines: { ...PARIS.machines, size: 'Standard_D8s_v5' } }, [], ['machineSize']],
    [
      'of redundancy',
      { storage: { performance: 'standard', redundancy: 'ZRS', shareCount: 6 } },
      [],
      ['storageSku', 'archiveSku'],
    ],
    [
      'of the kind of storage',
      { storage: { performance: 'premium', shares: [{ provisionedGib: 100 }] } },
      ['storage'],
      ['storageSku', 'shareCount', 'shareSizeGib', 'shareTier', 'shareSizesGib'],
    ],
    [
      'of the addresses that are let in',
      { loadBalancer: { type: 'public', allowedSources: '192.0.2.1, 2001:db8::/32' } },
      [],
      ['allowedIpv4Ranges'],
    ],
    [
      'of the family of addresses',
      { loadBalancer: { type: 'public', allowedSources: '203.0.113.0/24' } },
      ['network'],
      ['allowedIpv6Ranges'],
    ],
    [
      'to an internal load balancer',
      {
        loadBalancer: {
          type: 'internal',
          address: '10.0.0.9',
          allowedSources: '203.0.113.0/24, 2001:db8::/32',
        },
      },
      ['load-balancer'],
      ['loadBalancerAddress'],
    ],
    [
      'of the database tier',
      { databases: { ...PARIS.databases, compute: { tier: 'serverless', maxVcores: 2 } } },
      ['databases'],
      ['databaseAutoPauseMinutes'],
    ],
    [
      'to Microsoft Entra ID',
      { domain: { kind: 'entra' } },
      ['machines'],
      ['domainName', 'domainControllerAddresses', 'domainUserName'],
    ],
    [
      'to private endpoints',
      { network: { ...PARIS.network, privateEndpoints: true, resolverSubnetId: subnet('resolver') } },
      ['storage', 'databases', 'key-vault', 'machines', 'private-endpoints', 'dns-resolver'],
      ['resolverSubnetName'],
    ],
    [
      'of the secure client',
      { secureClient: { kind: 'existing', clientId: '0f4f7b6e-3d64-4a8f-9e4b-7f2a54f6b1aa' } },
      ['key-vault', 'setup'],
      ['secureClientId'],
    ],
  ])('%s changes only what it should', (_what, change, parts, parameters) => {
    const found = difference(change);
    expect(found.parts.sort()).toEqual([...parts].sort());
    expect(found.parameters.sort()).toEqual([...parameters].sort());
  });
});

it('qualifies a plain user of the domain, as the join needs it', () => {
  const users = (userName: string) =>
    makeTemplate(planOf({ domain: { ...PARIS.domain, userName } as PlanInput['domain'] }), CONTEXT)
      .parameters['domainUserName'] as Json;
  expect(users('joiner')).toBe('corp.contoso.example\\joiner');
  expect(users('CORP\\joiner')).toBe('CORP\\joiner');
  expect(users('joiner@corp.contoso.example')).toBe('joiner@corp.contoso.example');
});
