/**
 * Three projects: `unit` (pure, beside the code), `journeys` (the running service, real parts) and `waiting`: journeys
 * that wait for leases and retries most of their time, and however long others delay them.
 */
const waiting = ['kill', 'faults', 'cloud-client', 'secrets', 'onboarding'].map(
  (name) => `<rootDir>/tests/journey/${name}.test.ts`,
);
const esmOnly = [
  'jose',
  'uuid',
  're2js',
  'postal-mime',
  'json-logic-engine',
  'nodemailer',
  'smtp-server',
  'temporal-polyfill',
  'temporal-utils',
];
const base = {
  transform: {
    '^.+\\.(t|j|mj)s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  moduleFileExtensions: ['ts', 'mjs', 'js', 'cjs', 'json', 'node'],
  testEnvironment: 'node',
  // A test's globals are looked up in its sandbox, which is slow where code asks for them in loops; these are passed to
  // each module instead. No test replaces one of them, as some do Date, and no package declares one (as asn1js does Set).
  sandboxInjectedGlobals: ['Array', 'JSON', 'Map', 'Math', 'Number', 'Object', 'String'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.local/'],
};

module.exports = {
  // As many as CI has cores; npm test runs `waiting` beside them.
  maxWorkers: 2,
  testSequencer: './tests/support/journeys-first.cjs',
  // Nothing is tested for speed here: a busy machine may take its time.
  testTimeout: 60_000,
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/{functions,shared,arm-templates,infra,scripts}/**/*.test.ts'],
    },
    {
      ...base,
      displayName: 'journeys',
      testMatch: ['<rootDir>/tests/**/*.test.ts'],
      testPathIgnorePatterns: waiting,
    },
    { ...base, displayName: 'waiting', testMatch: waiting },
  ],
};
