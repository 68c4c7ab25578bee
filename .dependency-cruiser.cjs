/** The import rules of the house (docs/decisions/0002-layout-and-import-rules.md). */
const capability = '^functions/([^/]+)/';
const engine = '^functions/policies/engine/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Modules that need each other, for types too, are one module, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'shared-is-the-floor',
      comment: 'The kernel imports nothing that stands on it.',
      severity: 'error',
      from: { path: '^shared/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(functions|arm-templates|infra|scripts|tests)/' },
    },
    {
      name: 'pure-code-does-no-io',
      comment: 'The policy engine and the template generator take values and return values.',
      severity: 'error',
      from: { path: '^(functions/policies/engine|arm-templates)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(shared|infra|scripts|functions/(?!policies/engine))|node_modules/(@azure|durable-functions)',
        pathNot: '^shared/pure/',
      },
    },
    {
      name: 'pure-code-needs-no-node-modules',
      severity: 'error',
      from: { path: '^(functions/policies/engine|arm-templates)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'shared-pure-is-pure',
      comment:
        'What pure code shares needs nothing but itself and libraries that do no I/O: no Node module, no SDK.',
      severity: 'error',
      from: { path: '^shared/pure/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^shared/pure/', '^node_modules/(ipaddr\\.js|zod)/'] },
    },
    {
      name: 'capabilities-meet-at-their-index',
      comment: 'A capability sees of another only what its index.ts exports.',
      severity: 'error',
      from: { path: capability, pathNot: '\\.test\\.ts$' },
      to: {
        path: '^functions/',
        pathNot: ['^functions/$1/', '^functions/[^/]+/index\\.ts$', '^functions/policies/engine/index\\.ts$'],
      },
    },
    {
      name: 'policies-know-no-sessions',
      comment:
        'The order is policies, sessions, {recordings, responses}, cloud client: arrows point back only.',
      severity: 'error',
      from: { path: '^functions/policies/', pathNot: '\\.test\\.ts$' },
      to: { path: '^functions/(sessions|recordings|responses|cloud-client)/' },
    },
    {
      name: 'sessions-know-no-recordings-or-responses',
      severity: 'error',
      from: { path: '^functions/sessions/', pathNot: '\\.test\\.ts$' },
      to: { path: '^functions/(recordings|responses|cloud-client)/' },
    },
    {
      name: 'recordings-and-responses-stand-side-by-side',
      severity: 'error',
      from: { path: '^functions/(recordings|responses)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^functions/(recordings|responses|cloud-client)/', pathNot: '^functions/$1/' },
    },
    {
      name: 'the-engine-has-one-entry-point',
      comment:
        'Whoever uses the policy engine sees what its index.ts exports; its tests may share its examples.',
      severity: 'error',
      from: { pathNot: '^functions/policies/engine/' },
      to: {
        path: '^functions/policies/engine/',
        pathNot: ['^functions/policies/engine/index\\.ts$', '^functions/policies/engine/testing/'],
      },
    },
    {
      name: 'engine-text-imports-only-text',
      comment: 'Case folding, regular expressions and prefilters know nothing of policies.',
      severity: 'error',
      from: { path: `${engine}text/`, pathNot: '\\.test\\.ts$' },
      to: { path: engine, pathNot: `${engine}text/` },
    },
    {
      name: 'engine-model-imports-only-model-and-text',
      comment: 'Schemas and types do not depend on how policies are evaluated or checked.',
      severity: 'error',
      from: { path: `${engine}model/`, pathNot: '\\.test\\.ts$' },
      to: { path: engine, pathNot: `${engine}(model/|text/|addresses\\.ts$)` },
    },
    {
      name: 'engine-match-does-not-import-lint',
      comment: 'Evaluation depends on the model and on text, lint depends on all three, nothing on lint.',
      severity: 'error',
      from: { path: `${engine}match/`, pathNot: '\\.test\\.ts$' },
      to: { path: engine, pathNot: `${engine}(match/|model/|text/|addresses\\.ts$)` },
    },
    {
      name: 'engine-lint-imports-no-entry-point',
      severity: 'error',
      from: { path: `${engine}lint/`, pathNot: '\\.test\\.ts$' },
      to: { path: engine, pathNot: `${engine}(lint/|match/|model/|text/|addresses\\.ts$)` },
    },
    {
      name: 'the-app-does-not-know-where-it-runs',
      comment: 'Only configuration tells Azure from one machine.',
      severity: 'error',
      from: { path: '^(functions|shared|arm-templates)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(infra|scripts|tests)/' },
    },
    {
      name: 'the-local-host-knows-the-app-only-as-a-worker',
      severity: 'error',
      from: { path: '^infra/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(functions|arm-templates|scripts|tests)/' },
    },
    {
      name: 'no-test-code-in-the-product',
      comment: 'The soak suites are tests that run for long.',
      severity: 'error',
      from: { pathNot: '(\\.test\\.ts$|^tests/|^scripts/soak/)' },
      to: { path: '(\\.test\\.ts$|^tests/)' },
    },
    {
      name: 'app-needs-only-its-dependencies',
      severity: 'error',
      from: { path: '^(functions|shared|arm-templates)/', pathNot: '(\\.test|/testing/[^/]+)\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
