import { z } from 'zod';
import { policyWithPatterns, SLOW_PATTERNS } from '../../../../tests/support/hostile-policies';
import { detectionPolicySchema, recordingPolicySchema, responsePolicySchema, stampRules } from './policy';

const everyone = { groups: [{ name: 'CONTOSO\\Everyone' }] };

/** The pointers of what a schema rejects, as `/rules/0/name`, with the messages. */
function problems(schema: z.ZodType, value: unknown): Record<string, string> {
  const result = schema.safeParse(value);
  const issues = result.error?.issues ?? [];
  return Object.fromEntries(issues.map(({ path, message }) => [`/${path.join('/')}`, message]));
}

const pointers = (schema: z.ZodType, value: unknown) => Object.keys(problems(schema, value)).toSorted();

const withRule = (rule: object) => ({ name: 'Policy', rules: [{ name: 'Rule', scope: everyone, ...rule }] });
const recordingRule = (rule: object) => withRule({ action: 'disable', ...rule });
const withTrigger = (...triggers: object[]) => withRule({ triggers });

describe('a policy', () => {
  it('accepts names and descriptions in any script and counts an emoji as one character', () => {
    const policy = { name: '社内ポリシー', description: '😀'.repeat(300), rules: [] };
    expect(recordingPolicySchema.parse(policy)).toEqual(policy);
    expect(pointers(recordingPolicySchema, { ...policy, description: 'x'.repeat(301) })).toEqual([
      '/description',
    ]);
  });

  it.each([
    ['without a name', { rules: [] }, '/name'],
    ['with a blank name', { name: '  ', rules: [] }, '/name'],
    ['with an unknown field', { name: 'P', rules: [], colour: 'red' }, '/'],
    ['without a rule name', recordingRule({ name: '' }), '/rules/0/name'],
    [
      'with a description of more than 300 characters',
      recordingRule({ description: 'ü'.repeat(301) }),
      '/rules/0/description',
    ],
    ['with an unknown action', recordingRule({ action: 'record' }), '/rules/0/action'],
    ['with a rule id that is no UUID', recordingRule({ id: '1' }), '/rules/0/id'],
    ['with a line break in its name', { name: 'a\nb', rules: [] }, '/name'],
    ['with a control character in a rule name', recordingRule({ name: 'a\u0000' }), '/rules/0/name'],
    ['with an invisible name', { name: '\u200b\ufeff', rules: [] }, '/name'],
    ['with an unpaired surrogate in its name', { name: 'a\ud83d', rules: [] }, '/name'],
    [
      'with an unpaired surrogate in a description',
      recordingRule({ description: '\ude00' }),
      '/rules/0/description',
    ],
  ])('%s is rejected', (_, policy, pointer) => {
    expect(pointers(recordingPolicySchema, policy)).toEqual([pointer]);
  });

  it('with a duplicate rule id is rejected', () => {
    const rule = {
      id: '0b6b2c2e-7b0e-4a39-9d2b-5d5d7f1a0001',
      name: 'R',
      scope: everyone,
      action: 'disable',
    };
    expect(pointers(recordingPolicySchema, { name: 'P', rules: [rule, rule] })).toEqual(['/rules/1/id']);
    const upper = { ...rule, id: rule.id.toUpperCase() };
    expect(pointers(recordingPolicySchema, { name: 'P', rules: [rule, upper] })).toEqual(['/rules/1/id']);
  });

  it('treats rule ids as case-insensitive', () => {
    const id = '0b6b2c2e-7b0e-4a39-9d2b-5d5d7f1a0001';
    const { rules } = recordingPolicySchema.parse(recordingRule({ id: id.toUpperCase() }));
    expect(rules).toMatchObject([{ id }]);
  });

  it.each([
    [
      recordingRule({ action: 'disable', audio: true }),
      'Available only with full recording: omit it, or choose recordWithNotification or recordWithoutNotification',
    ],
    [recordingRule({ name: ' ' }), 'Must not be empty'],
    [
      recordingRule({ scope: { clientAddresses: ['10.0.0.*'] } }),
      'Not an IPv4 or IPv6 address: "10.0.0.*". Use a format such as 10.0.0.7, 10.0.0.0/8 or 10.0.0.1-10.0.0.9',
    ],
  ])('that is rejected explains how to correct it', (policy, message) => {
    expect(Object.values(problems(recordingPolicySchema, policy))).toEqual([message]);
  });

  it.each([recordingPolicySchema, detectionPolicySchema, responsePolicySchema])(
    'has a JSON Schema for input and for output',
    (schema) => {
      for (const io of ['input', 'output'] as const) {
        expect(z.toJSONSchema(schema, { io })).toHaveProperty('$defs.RuleScope');
      }
    },
  );
});

describe('a scope', () => {
  it.each([
    ['nothing', {}, '/rules/0/scope'],
    ['only empty lists', { users: [], tags: [] }, '/rules/0/scope'],
    ['everyone and criteria', { everyone: true, tags: ['x'] }, '/rules/0/scope/everyone'],
    ['not everyone', { everyone: false, tags: ['x'] }, '/rules/0/scope/everyone'],
    ['a user without any identifier', { users: [{}] }, '/rules/0/scope/users/0'],
    ['a blank application', { applications: ['Word', ' '] }, '/rules/0/scope/applications/1'],
    ['an unpaired surrogate', { users: [{ name: 'a\ud83d' }] }, '/rules/0/scope/users/0/name'],
    ['an unknown kind', { machine: ['VDA1'] }, '/rules/0/scope'],
    ['an invalid address', { clientAddresses: ['10.0.0.7', '10.0.0'] }, '/rules/0/scope/clientAddresses/1'],
    [
      'a block with too long a prefix',
      { clientAddresses: ['10.0.0.0/33'] },
      '/rules/0/scope/clientAddresses/0',
    ],
    [
      'a range that runs backwards',
      { clientAddresses: ['10.0.0.9-10.0.0.1'] },
      '/rules/0/scope/clientAddresses/0',
    ],
    [
      'a range across address families',
      { clientAddresses: ['10.0.0.1-::2'] },
      '/rules/0/scope/clientAddresses/0',
    ],
  ])('POL-2: of %s is rejected', (_, scope, pointer) => {
    expect(pointers(recordingPolicySchema, recordingRule({ scope }))).toEqual([pointer]);
  });

  it('POL-2a: may be everyone instead of criteria', () => {
    for (const scope of [{ everyone: true }, { everyone: true, users: [] }])
      expect(problems(recordingPolicySchema, recordingRule({ scope }))).toEqual({});
  });

  it('accepts long names, SIDs and any script', () => {
    const scope = {
      users: [
        {
          name: `CONTOSO\\${'a-very-long-user-name-'.repeat(10)}`,
          sid: `S-1-5-21-${'4294967295-'.repeat(14)}1`,
        },
      ],
      groups: [{ name: 'CONTOSO\\経理部', entraId: '0b6b2c2e-7b0e-4a39-9d2b-5d5d7f1a0001' }],
      clientAddresses: [
        '10.0.0.7',
        '10.0.0.0/8',
        '10.0.0.1 - 10.0.0.9',
        'fe80::/10',
        '::1-::ffff',
        '::ffff:10.0.0.0/104',
      ],
    };
    expect(problems(recordingPolicySchema, recordingRule({ scope }))).toEqual({});
  });
});

describe('a recording rule', () => {
  it.each(['disable', 'eventOnlyWithNotification', 'eventOnlyWithoutNotification'])(
    'that does not record the screen (%s) supports neither audio nor lossy recording',
    (action) => {
      const policy = recordingRule({ action, audio: true, lossy: true });
      expect(pointers(recordingPolicySchema, policy)).toEqual(['/rules/0/audio', '/rules/0/lossy']);
    },
  );

  it('that records the screen supports both', () => {
    const policy = recordingRule({ action: 'recordWithNotification', audio: true, lossy: true });
    expect(problems(recordingPolicySchema, policy)).toEqual({});
  });
});

describe('a detection rule', () => {
  it('lists the types to log without duplicates, in the order of the table', () => {
    const policy = withRule({ eventTypes: ['performanceData', 'appStart', 'appStart'] });
    expect(detectionPolicySchema.parse(policy).rules[0]?.eventTypes).toEqual(['appStart', 'performanceData']);
  });

  it('cannot log session starts', () => {
    const policy = withRule({ eventTypes: ['appStart', 'sessionStart'] });
    expect(pointers(detectionPolicySchema, policy)).toEqual(['/rules/0/eventTypes/1']);
  });
});

describe('a response rule', () => {
  it('has defaults for omitted fields', () => {
    const [rule] = responsePolicySchema.parse(withTrigger({ eventType: 'idle' })).rules;
    expect(rule).toMatchObject({
      description: '',
      recipients: '',
      recordingOptions: { minutesAfter: null, secondsBefore: null, lossy: false },
      operationDelaySeconds: 0,
      triggers: [{ eventType: 'idle', conditions: [], description: '', actions: [] }],
    });
  });

  it.each([
    ['no recipients', undefined, 'A trigger sends e-mail: specify at least one recipient'],
    ['only separators', ' ; ;', 'A trigger sends e-mail: specify at least one recipient'],
    ['a malformed address', 'ada@contoso.example; bob', 'Not an e-mail address: "bob"'],
    ['an injected header', 'ada@contoso.example\r\nBcc: eve@evil.example', 'Not an e-mail address'],
  ])('that sends e-mail to %s is rejected', (_, recipients, message) => {
    const policy = withRule({ triggers: [{ eventType: 'appStart', actions: ['sendEmail'] }], recipients });
    expect(problems(responsePolicySchema, policy)).toEqual({
      '/rules/0/recipients': expect.stringContaining(message) as string,
    });
  });

  it.each([
    [{ recordingOptions: { secondsBefore: 121 } }, '/rules/0/recordingOptions/secondsBefore'],
    [{ recordingOptions: { secondsBefore: -1 } }, '/rules/0/recordingOptions/secondsBefore'],
    [{ recordingOptions: { minutesAfter: -1 } }, '/rules/0/recordingOptions/minutesAfter'],
    [{ operationDelaySeconds: -1 }, '/rules/0/operationDelaySeconds'],
  ])('with %j is rejected', (options, pointer) => {
    expect(pointers(responsePolicySchema, withRule({ triggers: [], ...options }))).toEqual([pointer]);
  });

  it.each([0, null, 1, 120])('RSP-4: accepts %s seconds before an event', (secondsBefore) => {
    const policy = withRule({ triggers: [], recordingOptions: { secondsBefore } });
    expect(problems(responsePolicySchema, policy)).toEqual({});
  });

  it('keeps the actions of a trigger without duplicates, in the order of execution', () => {
    const actions = ['logOffSession', 'lockSession', 'startScreenRecording', 'lockSession'];
    const [rule] = responsePolicySchema.parse(withTrigger({ eventType: 'idle', actions })).rules;
    expect(rule?.triggers[0]?.actions).toEqual(['startScreenRecording', 'lockSession', 'logOffSession']);
  });
});

describe('a trigger', () => {
  const condition = (eventType: string, ...conditions: object[]) =>
    withTrigger({ eventType: 'appStart' }, { eventType, conditions });
  const at = (field: string) => `/rules/0/triggers/1/conditions/0/${field}`;

  it.each([
    [
      'an unknown dimension',
      'idle',
      { dimension: 'path', operator: 'equals', values: ['x'] },
      at('dimension'),
    ],
    [
      'an operator that its dimension does not support',
      'cdmUsb',
      { dimension: 'driveLetter', operator: 'includes', values: ['D'] },
      at('operator'),
    ],
    [
      'Equals on the process of a pop-up',
      'popupWindow',
      { dimension: 'processName', operator: 'equals', values: ['x'] },
      at('operator'),
    ],
    [
      'Smaller than on a file transfer',
      'fileTransfer',
      { dimension: 'fileSize', operator: 'smallerThan', values: [1] },
      at('operator'),
    ],
    [
      'an unknown operator',
      'appEnd',
      { dimension: 'appName', operator: 'like', values: ['x'] },
      at('operator'),
    ],
    [
      'text for a number',
      'fileCreate',
      { dimension: 'fileSize', operator: 'greaterThan', values: ['big'] },
      at('values/0'),
    ],
    [
      'a negative number',
      'fileCreate',
      { dimension: 'fileSize', operator: 'greaterThan', values: [1, -1] },
      at('values/1'),
    ],
    [
      'a reversed range',
      'fileCreate',
      { dimension: 'fileSize', operator: 'between', from: 2, to: 1 },
      at('to'),
    ],
    ['an incomplete range', 'fileCreate', { dimension: 'fileSize', operator: 'between', from: 2 }, at('to')],
    ['no values', 'appEnd', { dimension: 'appName', operator: 'equals', values: [] }, at('values')],
    [
      'an empty text',
      'appEnd',
      { dimension: 'appName', operator: 'includes', values: ['x', ''] },
      at('values/1'),
    ],
    [
      'an unpaired surrogate',
      'appEnd',
      { dimension: 'appName', operator: 'includes', values: ['\ud83d'] },
      at('values/0'),
    ],
    [
      'an invalid drive',
      'cdmUsb',
      { dimension: 'driveLetter', operator: 'equals', values: ['D', 'DD'] },
      at('values/1'),
    ],
    [
      'an invalid choice',
      'clipboardOperation',
      { dimension: 'dataType', operator: 'equals', values: ['image'] },
      at('values/0'),
    ],
    [
      'a malformed pattern',
      'appEnd',
      { dimension: 'appName', operator: 'matches', values: ['a', '('] },
      at('values/1'),
    ],
  ])('RSP-1: with %s is rejected', (_, eventType, wrong, pointer) => {
    expect(pointers(responsePolicySchema, condition(eventType, wrong))).toEqual([pointer]);
  });

  it.each([
    [
      { eventType: 'appStart', conditions: [{ dimension: 'path', operator: 'equals', values: ['x'] }] },
      'App Start has no dimension "path": choose one of appName, commandLine',
    ],
    [
      { eventType: 'sessionStart', conditions: [{ dimension: 'path', operator: 'equals', values: ['x'] }] },
      'Session Start has no dimension "path": omit the condition',
    ],
    [
      {
        eventType: 'fileTransfer',
        conditions: [{ dimension: 'fileSource', operator: 'equals', values: ['x'] }],
      },
      'Must be one of host, client',
    ],
    [
      {
        eventType: 'appEnd',
        conditions: [{ dimension: 'appName', operator: 'matches', values: ['(x)\\1'] }],
      },
      'Back-references cannot run in linear time: write the pattern without them',
    ],
    [
      { eventType: 'appEnd', conditions: [{ dimension: 'appName', operator: 'matches', values: ['(?=x)'] }] },
      'Look-ahead and look-behind cannot run in linear time: write the pattern without them',
    ],
  ])('that is rejected explains how to correct it: %j', (wrong, message) => {
    expect(Object.values(problems(responsePolicySchema, withTrigger(wrong)))).toEqual([message]);
  });

  it('reports an unsupported operator even if the values do not fit the operator either', () => {
    const wrong = { dimension: 'appName', operator: 'greaterThan', values: ['x'] };
    expect(pointers(responsePolicySchema, condition('appEnd', wrong))).toContain(at('operator'));
  });

  it.each([
    ['(?=x)', 'Look-ahead and look-behind cannot run in linear time'],
    ['(?<!x)y', 'Look-ahead and look-behind cannot run in linear time'],
    ['(x)\\1', 'Back-references cannot run in linear time'],
    ['(?P<n>x)\\k<n>', 'Back-references cannot run in linear time'],
    ['(x', 'missing closing )'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['(x{1000}){1000}', 'invalid repeat count: `{1000}`'],
    ['x'.repeat(10_001), 'A pattern has at most 10000 characters'],
    ['(?:a?){1000}a{1000}', 'compiles to about 3002 instructions, more than the 2000 that are allowed'],
    ['.{0,1000}'.repeat(14), 'Use * or + instead, lower the number, or split the pattern'],
  ])('RSP-2: with a pattern that is not supported (%.20s) is rejected with the reason', (pattern, reason) => {
    const wrong = { dimension: 'appName', operator: 'matches', values: [pattern] };
    expect(problems(responsePolicySchema, condition('appEnd', wrong))[at('values/0')]).toContain(reason);
  });

  it.each(SLOW_PATTERNS)('RSP-2: with a pattern within the limit of size is accepted (%.20s)', (pattern) => {
    const right = { dimension: 'appName', operator: 'matches', values: [pattern] };
    expect(problems(responsePolicySchema, condition('appEnd', right))).toEqual({});
  });

  it('on session start can only send e-mail, and the pointer is the index of the action in the input', () => {
    const trigger = { eventType: 'sessionStart', actions: ['lockSession', 'sendEmail'] };
    const policy = withRule({ triggers: [trigger], recipients: 'ada@contoso.example' });
    expect(pointers(responsePolicySchema, policy)).toEqual(['/rules/0/triggers/0/actions/0']);
  });

  it.each(['D', 'd:', 'D:\\', 'd:/'])('accepts the drive %s', (drive) => {
    const right = { dimension: 'driveLetter', operator: 'equals', values: [drive] };
    expect(problems(responsePolicySchema, condition('cdmUsb', right))).toEqual({});
  });

  it('accepts a fixed choice in any case', () => {
    const right = { dimension: 'dataType', operator: 'equals', values: ['Text', 'FILE', 'bitmap'] };
    expect(problems(responsePolicySchema, condition('clipboardOperation', right))).toEqual({});
  });
});

describe('a response policy whose patterns', () => {
  // Distinct ones of 1,000 instructions.
  const patterns = (count: number) =>
    Array.from({ length: count }, (_, index) => `${'x'.repeat(990)}${1_000_000 + index}`);
  const policy = (values: string[]) => ({
    ...policyWithPatterns([]),
    rules: policyWithPatterns(['first']).rules.map((rule) => ({
      ...rule,
      triggers: [
        {
          eventType: 'appStart',
          conditions: [{ dimension: 'commandLine', operator: 'matches', values }],
        },
      ],
    })),
  });

  it('RSP-2: are too large together is rejected with the remedy', () => {
    expect(problems(responsePolicySchema, policy(patterns(202)))['/rules']).toContain(
      'more than the 200000 instructions that are allowed',
    );
  });

  it('RSP-2: are just within the limit together, repetitions counted once, is accepted', () => {
    expect(problems(responsePolicySchema, policy([...patterns(199), ...patterns(199)]))).toEqual({});
  });
});

describe('storing rules', () => {
  const stamp = { newId: () => 'new', now: '2026-03-01T00:00:00.000Z' };
  const kept = { id: 'a', createdAt: '2026-01-01T00:00:00.000Z' };

  it('keeps id and creation time of a rule with the id of a rule of the previous version', () => {
    expect(stampRules([{ id: 'a', name: 'Renamed' }], [kept], stamp)).toEqual([{ ...kept, name: 'Renamed' }]);
  });

  it('assigns an id and the time to a rule without id and to one with an unknown id', () => {
    const made = { id: 'new', createdAt: stamp.now };
    expect(stampRules([{ name: 'One' }, { id: 'b', name: 'Two' }], [kept], stamp)).toEqual([
      { ...made, name: 'One' },
      { ...made, name: 'Two' },
    ]);
  });
});
