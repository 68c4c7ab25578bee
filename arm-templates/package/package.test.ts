/** The package: its scripts are valid, resist injection from the plan, and contain no secrets. */
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { makePfx, PFX_PASSWORD } from '../testing/certificates';
import { CONTEXT } from '../testing/context';
import { hostileText } from '../../tests/support/hostile-text';
import { choices, planOfChoice } from '../testing/matrix';
import { PARIS, planOf, type PlanInput, SUBSCRIPTION } from '../testing/plans';
import { literalsOf, parsePowershell, shapeOf } from '../../tests/support/parse-powershell';
import type { SitePlan } from '../plan/site-plan';
import { MACHINE_SETUP } from '../template/machine-setup';
import { makeTemplate } from '../template/template';
import { requiredSecrets } from './required-inputs';
import { packageFiles } from './package';
import { environmentVariable } from './bash-script';
import { zipStream } from './zip';

const all = choices().map(planOfChoice);

type Files = ReturnType<typeof packageFiles>;
/** By plan, since most tests look at the files of every plan. */
const known = new WeakMap<SitePlan, Files>();

function filesOf(plan: SitePlan): Files {
  const files = known.get(plan) ?? packageFiles(plan, makeTemplate(plan, CONTEXT));
  known.set(plan, files);
  return files;
}

function fileOf(plan: SitePlan, name: string): string {
  const found = filesOf(plan).find(({ path: file }) => file === name);
  if (!found) throw new Error(`no file ${name}`);
  return found.text;
}

const powershellOf = (plan: SitePlan) => fileOf(plan, 'DeploySessionRecording.ps1');
const shellOf = (plan: SitePlan) => fileOf(plan, 'deploy.sh');
const named = (name: string, more: Partial<PlanInput> = {}) => planOf({ name, ...more });

/** Plans with injection attempts in every text. */
const hostilePlan = fc
  .record({ name: hostileText, description: hostileText, tag: hostileText })
  .map((texts) =>
    named(texts.name, {
      description: texts.description,
      tags: { owner: texts.tag },
    }),
  );

describe('DeploySessionRecording.ps1', () => {
  it('is PowerShell for every plan', async () => {
    const scripts = [...new Set([...all.map(powershellOf), MACHINE_SETUP])];
    expect(scripts.length).toBeGreaterThan(4);
    for (const script of scripts) await parsePowershell(script);
  });

  it('is ASCII, and its statements do not depend on texts of the plan', async () => {
    const plain = shapeOf(await parsePowershell(powershellOf(named('Ünquotable'))));
    await fc.assert(
      fc.asyncProperty(hostilePlan, async (plan) => {
        const script = powershellOf(plan);
        expect(script).toMatch(/^[\n -~]*$/);
        const root = await parsePowershell(script);
        const literals = literalsOf(root);
        const json = literals.find((literal) => literal.startsWith('{"text"'));
        if (json === undefined) expect(literals).toContain(plan.name);
        else expect(JSON.parse(json)).toEqual({ text: plan.name });
        if (json !== undefined) expect(shapeOf(root)).toEqual(plain);
      }),
      { numRuns: 30 },
    );
  });

  it('ARM-1: prompts for exactly what the plan needs', () => {
    for (const plan of all) {
      const asked = [...powershellOf(plan).matchAll(/^ {4}\[(?:string|securestring)\] \$(\w+)/gm)].map(
        ([, name]) => name,
      );
      expect(asked).toEqual([
        'TenantId',
        'AzureClientId',
        'AzureClientSecret',
        'SubscriptionId',
        'ResourceGroupName',
        ...(plan.domain.kind === 'activeDirectory' ? ['DomainPassword'] : []),
        'VmAdminPassword',
        'SqlAdminPassword',
        'CertificatePath',
        'CertificatePassword',
        plan.secureClient.kind === 'existing' ? 'SecureClientSecret' : 'EnrolmentToken',
      ]);
    }
  });

  it('passes every secret to the template under its parameter', () => {
    for (const plan of all) {
      const { parameters } = JSON.parse(fileOf(plan, 'template/main.json')) as {
        parameters: Record<string, { type: string }>;
      };
      const secure = Object.keys(parameters).filter((name) => parameters[name]?.type === 'securestring');
      const script = powershellOf(plan);
      const given = [...script.slice(script.indexOf('$secrets = @{')).matchAll(/^ {8}(\w+) = \$/gm)].map(
        ([, name]) => name,
      );
      expect(given.slice(0, secure.length).sort()).toEqual(secure.sort());
    }
  });
});

/** A folder with the unpacked package, and an `az` that records its calls. */
function unpack(plan: SitePlan): { folder: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'package-'));
  for (const { path: file, text } of filesOf(plan)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  mkdirSync(path.join(folder, 'bin'));
  const az = path.join(folder, 'bin', 'az');
  writeFileSync(az, AZ);
  chmodSync(az, 0o755);
  writeFileSync(path.join(folder, 'site.pfx'), Buffer.from(makePfx(), 'base64'));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** Responds like Azure on success; the first vault name is reserved by a deleted vault. */
const AZ = `#!/bin/bash
printf '%s\\n' "$*" >>"$CALLS"
for word in "$@"; do
  if [[ "$word" == @*secrets.json ]]; then cp "\${word#@}" "$CALLS.secrets"; fi
  if [[ "$word" == *=@*client-secret ]]; then cp "\${word#*=@}" "$CALLS.login"; fi
done
printf '%s\\n' "$AZURE_CONFIG_DIR" >"$CALLS.profile"
[[ "$1" != login ]] || touch "$AZURE_CONFIG_DIR/service_principal_entries.json"
case "$*" in
  *'--method get'*subnets*addressPrefix*) printf '%b' "$SUBNET_RANGES" ;;
  *'--method get'*subnets*) printf 'Microsoft.Storage\\nMicrosoft.Sql\\n%s\\n' "$LAST_ENDPOINT" ;;
  *'group exists'*) echo "$GROUP_EXISTS" ;;
  *deletedVaults/*kv1*) ;;
  *deletedVaults/*) echo "$VAULT_ANSWER" >&2; exit 1 ;;
  *'resource list'*KeyVault*) printf '%b' "$VAULTS" ;;
  *'resource list'*runCommands*) printf '%b' "$RUN_COMMANDS" ;;
  *'deployment group create'*)
    if [[ -n "$DEPLOYMENT_ERROR" && "$(grep -c 'deployment group create' "$CALLS")" == 1 ]]; then
      echo "$DEPLOYMENT_ERROR" >&2
      exit 1
    fi ;;
  *'deployment group show'*) echo '{"schemaVersion": 1}' ;;
esac
`;

const SECRETS = {
  AZURE_CLIENT_SECRET: '@se"cr\\et$(x)',
  DOMAIN_PASSWORD: 'canary-do"main',
  VM_ADMIN_PASSWORD: "canary-vm'\\",
  SQL_ADMIN_PASSWORD: 'canary-sql `x`',
  CERTIFICATE_PASSWORD: PFX_PASSWORD,
  ENROLMENT_TOKEN: 'canary-token é😀&',
};

async function run(folder: string, environment: Record<string, string> = {}) {
  const calls = path.join(folder, 'calls');
  const running = promisify(execFile)('bash', [path.join(folder, 'deploy.sh')], {
    env: {
      PATH: `${path.join(folder, 'bin')}:/usr/bin:/bin`,
      LC_ALL: 'C.UTF-8',
      CALLS: calls,
      LAST_ENDPOINT: 'Microsoft.KeyVault',
      SUBNET_RANGES: '10.0.0.0/24\\n',
      GROUP_EXISTS: 'false',
      VAULT_ANSWER: 'Not Found({"error":{"code":"DeletedVaultNotFound"}})',
      VAULTS: '',
      RUN_COMMANDS: '',
      DEPLOYMENT_ERROR: '',
      RETRY_SECONDS: '0',
      TENANT_ID: 'tenant',
      AZURE_CLIENT_ID: 'client',
      SUBSCRIPTION_ID: SUBSCRIPTION,
      RESOURCE_GROUP_NAME: 'rg',
      CERTIFICATE_PATH: path.join(folder, 'site.pfx'),
      ...SECRETS,
      ...environment,
    },
  });
  running.child.stdin?.end();
  const result = await running.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  return {
    ...result,
    calls: read(calls),
    secrets: read(`${calls}.secrets`),
    login: read(`${calls}.login`),
    profile: read(`${calls}.profile`).trim(),
  };
}

describe('deploy.sh', () => {
  it('is a script of bash for every plan', () => {
    for (const script of new Set(all.map(shellOf))) execFileSync('bash', ['-n'], { input: script });
  });

  it('ARM-1: needs nothing that bash 3.2 lacks, which is what macOS has', () => {
    const newer = /\$\{!?\w+(?:,|\^|@[A-Z])|declare -A|mapfile|readarray|\|&|&>>|\bcoproc\b|printf -v/;
    for (const plan of all)
      for (const name of ['deploy.sh', 'remove.sh']) expect(fileOf(plan, name)).not.toMatch(newer);
  });

  it.each([
    ['the second range of the subnet', 'fd00::/64\\n10.9.0.0/24\\n10.0.0.0/24\\r\\n', 0],
    ['no range of the subnet', 'fd00::/64\\n10.9.0.0/24\\n', 1],
    ['its first address', '10.0.0.9/32\\n10.0.0.8/29\\n', 1],
  ])(
    'ARM-1: with the address of the load balancer in %s (%s) ends with %i',
    async (_what, ranges, expected) => {
      const loadBalancer = { type: 'internal', address: '10.0.0.9', allowedSources: '' } as const;
      const { folder, remove } = unpack(planOf({ loadBalancer }));
      try {
        const { code, stderr } = await run(folder, { SUBNET_RANGES: ranges });
        expect(code).toBe(expected);
        expect(stderr).toMatch(expected === 0 ? /^$/ : /cannot have the address 10\.0\.0\.9: the subnet has/);
      } finally {
        remove();
      }
    },
  );

  it('keeps any text of the plan unchanged, and executes none of it', async () => {
    await fc.assert(
      fc.asyncProperty(hostilePlan, async (plan) => {
        const script = shellOf(plan);
        const assignments = script.slice(0, script.indexOf('here='));
        const show = `${assignments}\nprintf '%s' "$site_name"`;
        const { stdout } = await promisify(execFile)('/bin/bash', ['-c', show], {
          env: { PATH: '/nowhere', LC_ALL: 'C.UTF-8' },
        });
        expect(stdout).toBe(plan.name);
      }),
      { numRuns: 30 },
    );
  });

  it('ARM-5: signs in, prepares the group, finds a free vault name, deploys and writes resourceInfo.json', async () => {
    const { folder, remove } = unpack(planOf());
    try {
      const { code, stderr, calls, secrets, login, profile } = await run(folder);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const lines = calls
        .trim()
        .split('\n')
        .map((line) => line.split(' ').slice(0, 3).join(' '));
      expect(lines).toEqual([
        'login --service-principal --tenant',
        'account set --subscription',
        'rest --method get',
        'group exists --name',
        'rest --method put',
        'resource list --resource-group',
        'rest --method get',
        'rest --method get',
        'resource list --resource-group',
        'deployment group create',
        'deployment group show',
      ]);
      expect(calls).toContain('vaultAttempt=2');
      expect(JSON.parse(readFileSync(path.join(folder, 'resourceInfo.json'), 'utf8'))).toEqual({
        schemaVersion: 1,
      });

      // Secrets arrive unchanged, and are on no command line.
      expect(login).toBe(SECRETS.AZURE_CLIENT_SECRET);
      const { parameters } = JSON.parse(secrets) as { parameters: Record<string, { value: string }> };
      expect(parameters).toEqual({
        certificate: { value: readFileSync(path.join(folder, 'site.pfx')).toString('base64') },
        domainPassword: { value: SECRETS.DOMAIN_PASSWORD },
        vmAdminPassword: { value: SECRETS.VM_ADMIN_PASSWORD },
        sqlAdminPassword: { value: SECRETS.SQL_ADMIN_PASSWORD },
        certificatePassword: { value: SECRETS.CERTIFICATE_PASSWORD },
        enrolmentToken: { value: SECRETS.ENROLMENT_TOKEN },
      });
      expect(Object.values(SECRETS).filter((secret) => calls.includes(secret))).toEqual([]);
      // The private files are deleted.
      const [, work = ''] = /@(\S+)\/client-secret/.exec(calls) ?? [];
      expect(existsSync(work)).toBe(false);
      // The sign-in was in a profile of its own, and went with it.
      expect(path.dirname(profile)).toBe(work);
    } finally {
      remove();
    }
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a subnet without its service endpoints',
      { LAST_ENDPOINT: 'x' },
      /no service endpoint for Microsoft.KeyVault. Run: az .* Microsoft.Storage Microsoft.Sql x Microsoft.Storage/,
    ],
    ['another subscription', { SUBSCRIPTION_ID: 'other' }, /The virtual network is in subscription/],
    ['a certificate that is not there', { CERTIFICATE_PATH: '/nowhere' }, /cannot be read/],
    ['a secret that is missing', { DOMAIN_PASSWORD: '' }, /DOMAIN_PASSWORD is needed/],
    ['a resource group that needs quoting', { RESOURCE_GROUP_NAME: 'a b' }, /resource group has letters/],
  ])('stops at %s before anything is deployed', async (_what, environment, message) => {
    const { folder, remove } = unpack(planOf());
    try {
      const { code, stderr, calls } = await run(folder, environment);
      expect(code).toBe(1);
      expect(stderr).toMatch(message);
      expect(calls).not.toContain('deployment');
    } finally {
      remove();
    }
  });

  it.each([
    [
      'is not allowed to say',
      'Forbidden({"error":{"code":"AuthorizationFailed"}})',
      /deletedVaults\/read on the subscription.*AuthorizationFailed/,
    ],
    ['cannot be reached', 'Connection timed out', /could not be found out.*Connection timed out/],
  ])(
    'ARM-5: takes no name for free when Azure %s whether a vault was deleted',
    async (_what, answer, message) => {
      const { folder, remove } = unpack(planOf());
      try {
        const { code, stderr, calls } = await run(folder, { VAULT_ANSWER: answer });
        expect(code).toBe(1);
        expect(stderr).toMatch(message);
        expect(calls).not.toContain('deployment group');
      } finally {
        remove();
      }
    },
  );

  it('ARM-5: keeps the vault that is there, and removes run commands of earlier runs', async () => {
    const { folder, remove } = unpack(planOf());
    try {
      const command = `/subscriptions/${SUBSCRIPTION}/x/sr-ehs4bh2-0/runCommands/install-cloud-client-1`;
      const { code, calls } = await run(folder, {
        VAULTS: 'another-kv9\\nsr-ehs4bh2-kv2\\nsr-ehs4bh2-kv10\\n',
        RUN_COMMANDS: `${command}\\n`,
      });
      expect(code).toBe(0);
      expect(calls).toContain('vaultAttempt=10');
      expect(calls).not.toContain('deletedVaults');
      expect(calls).toContain(`rest --method delete --url ${command}?api-version=`);
    } finally {
      remove();
    }
  });

  it.each([
    [
      'the audit log is refused, since a new role is not known yet',
      'BlobAuditingInsufficientStorageAccountPermissions',
      0,
      2,
    ],
    ['anything else fails', 'QuotaExceeded', 1, 1],
  ])('ARM-5: when %s: %s', async (_what, error, expected, deployments) => {
    const { folder, remove } = unpack(planOf());
    try {
      const { code, stderr, calls } = await run(folder, { DEPLOYMENT_ERROR: error });
      expect(code).toBe(expected);
      expect(stderr).toContain(error);
      expect(calls.match(/deployment group create/g)).toHaveLength(deployments);
    } finally {
      remove();
    }
  });

  it('adds its tags to a group that exists already', async () => {
    const { folder, remove } = unpack(planOf());
    try {
      const { calls } = await run(folder, { GROUP_EXISTS: 'true' });
      expect(calls).toMatch(/rest --method patch .*tags\/default/);
      expect(calls).not.toContain('--method put');
    } finally {
      remove();
    }
  });

  it('prompts for exactly what the plan needs', () => {
    for (const plan of all) {
      const asked = [...shellOf(plan).matchAll(/^ask_secret (\w+)/gm)].map(([, name]) => name);
      expect(asked).toEqual([
        'AZURE_CLIENT_SECRET',
        ...requiredSecrets(plan).map(({ name }) => environmentVariable(name)),
      ]);
    }
  });
});

describe('the files', () => {
  it('share one computation of the names with the template', () => {
    let computations = 0;
    const context = {
      ...CONTEXT,
      // Only the names are made of the suffix.
      get suffix() {
        computations++;
        return CONTEXT.suffix;
      },
    };
    const plan = planOf();
    const template = makeTemplate(plan, context);
    const files = packageFiles(plan, template);
    expect(files.filter(({ text }) => text.includes(template.names.prefix))).not.toEqual([]);
    expect(computations).toBe(1);
  });

  it('contain no secret of the plan', () => {
    const secrets = ['canary-Vm-1', 'canary-Sql-1', 'canary-domain', 'canary-client', PFX_PASSWORD];
    const pfx = makePfx();
    const plan = planOf({
      machines: { ...PARIS.machines, administrator: { userName: 'recadmin', password: secrets[0] } },
      databases: { ...PARIS.databases, administrator: { userName: 'dbadmin1', password: secrets[1] } },
      domain: { ...PARIS.domain, password: secrets[2] } as PlanInput['domain'],
      secureClient: {
        kind: 'existing',
        clientId: '0f4f7b6e-3d64-4a8f-9e4b-7f2a54f6b1aa',
        secret: secrets[3],
      },
      certificate: { pfx, password: PFX_PASSWORD },
    });
    const content = filesOf(plan)
      .map(({ text }) => text)
      .join();
    expect([...secrets, pfx.slice(0, 60)].filter((secret) => content.includes(secret))).toEqual([]);
  });

  it('name the machines and the manual steps in the README, with texts of the plan escaped', () => {
    const text = fileOf(planOf({ name: '[x](http://evil)<b>', domain: { kind: 'entra' } }), 'README.md');
    expect(text).toContain('sr-ehs4bh2-0 to sr-ehs4bh2-2');
    expect(text).toContain('joined the Microsoft Entra ID');
    expect(text).not.toMatch(/\[x\]\(http|<b>/);
  });
});

describe('the zip', () => {
  async function bytesOf(plan: SitePlan): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of zipStream(filesOf(plan)) as unknown as AsyncIterable<Uint8Array>)
      chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  it('has the same bytes each time', async () => {
    const [first, second] = [await bytesOf(planOf()), await bytesOf(planOf())];
    expect(first.equals(second)).toBe(true);
    expect((await bytesOf(named('Berlin'))).equals(first)).toBe(false);
  });

  it('is unpacked by another implementation into the same files', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'zip-'));
    try {
      writeFileSync(path.join(folder, 'a.zip'), await bytesOf(planOf()));
      execFileSync('python3', ['-m', 'zipfile', '-t', 'a.zip'], { cwd: folder });
      execFileSync('python3', ['-m', 'zipfile', '-e', 'a.zip', 'out'], { cwd: folder });
      for (const { path: file, text } of filesOf(planOf()))
        expect(readFileSync(path.join(folder, 'out', file), 'utf8')).toBe(text);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('compresses nothing before it is read, and stops when the reader cancels', async () => {
    let taken = 0;
    function* files() {
      for (; taken < 100; taken++) yield { path: `${taken}.txt`, text: 'x'.repeat(1_000) };
    }
    const reader = zipStream(files()).getReader();
    expect(taken).toBe(0);
    await reader.read();
    expect(taken).toBeLessThan(3);
    await reader.cancel();
    expect(taken).toBeLessThan(3);
  });
});
