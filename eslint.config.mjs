import tseslint from 'typescript-eslint';

const noClock = [
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'Pure code has no clock: take the time as an argument.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Pure code has no clock: take the time as an argument.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Pure code has no chance: take it as an argument.',
  },
];
const noEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only shared/config.ts reads the environment of the app.',
};
const noDoubleCast = {
  selector: 'TSAsExpression > TSAsExpression > TSUnknownKeyword.typeAnnotation',
  message: 'A cast through unknown hides what does not fit: correct one of the two types.',
};

export default tseslint.config(
  { ignores: ['dist*/', 'node_modules/', '.local/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'prefer-const': 'error',
      'max-lines': ['error', { max: 350 }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 20],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'typeLike', format: ['PascalCase'] },
        { selector: 'function', format: ['camelCase', 'PascalCase'] },
      ],
    },
  },
  {
    files: ['functions/**/*.ts', 'shared/**/*.ts', 'arm-templates/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noEnvironment, noDoubleCast] },
  },
  {
    files: ['functions/policies/engine/**/*.ts', 'arm-templates/**/*.ts', 'shared/pure/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', noEnvironment, noDoubleCast, ...noClock] },
  },
  { files: ['shared/config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['scripts/**/*.ts', 'infra/local/**/*.ts'],
    rules: { 'no-console': 'off', 'no-restricted-syntax': ['error', noDoubleCast] },
  },
  {
    // Tests replace clients of the SDK by objects that have only what is used.
    files: ['**/*.test.ts', '**/{testing,conformance}/**/*.ts', 'tests/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 500 }],
      'no-restricted-syntax': 'off',
    },
  },
);
