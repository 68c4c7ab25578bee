import fc from 'fast-check';
import { ExpressionError } from './errors';
import { evaluate } from './evaluate';
import { functionNames } from './functions/all';
import { type Runtime } from './scope';
import { testScope, testTarget, valueOf } from './test-scope';
import { UNKNOWN, type Value } from './values';

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Value);
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

describe('strings of a template', () => {
  it('are expressions only between brackets, and a doubled bracket stands for one', () => {
    const scope = testScope({ p: 1 });
    expect(evaluate('plain', scope)).toBe('plain');
    expect(evaluate("[parameters('p')]", scope)).toBe(1);
    expect(evaluate("[[parameters('p')]", scope)).toBe("[parameters('p')]");
    expect(evaluate("[parameters('p')] and more", scope)).toBe("[parameters('p')] and more");
  });

  it('are evaluated in the names of members as well', () => {
    expect(evaluate({ "[concat('a', 'b')]": [{ c: '[add(1, 2)]' }] }, testScope())).toEqual({
      ab: [{ c: 3 }],
    });
  });

  it('yield every text that is quoted with its quotes doubled', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => valueOf(quoted(text)) === text));
  });

  it('are evaluated or refused with the messages of Resource Manager, and never crash the parser', () => {
    const pieces = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      "'",
      ',',
      '.',
      '?',
      ' ',
      'a',
      '1',
      '-',
      'concat(',
      "'x'",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        try {
          valueOf(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
        }
      }),
    );
  });
});

/** Many of these are the examples of the documentation. */
const examples: [string, Value][] = [
  ["array('a')", ['a']],
  ["base64('one, two, three')", 'b25lLCB0d28sIHRocmVl'],
  ["base64ToString('b25lLCB0d28sIHRocmVl')", 'one, two, three'],
  ["bool('true')", true],
  ['bool(0)', false],
  ["cidrHost('10.144.3.0/24', 4)", '10.144.3.5'],
  ["cidrSubnet('10.144.0.0/20', 24, 3)", '10.144.3.0/24'],
  ["coalesce(null(), 'a', 'b')", 'a'],
  ["concat('prefix-', 1, true())", 'prefix-1True'],
  ["concat(createArray('a'), createArray('b', 'c'))", ['a', 'b', 'c']],
  ["contains('OneTwo', 'One')", true],
  ["contains('OneTwo', 'one')", false],
  ["contains(createObject('One', 1), 'one')", true],
  ['contains(createArray(1, 2), 3)', false],
  ["createObject('a', 1, 'b', createArray())", { a: 1, b: [] }],
  ["dataUri('Hello')", 'data:text/plain;charset=utf8;base64,SGVsbG8='],
  ["dataUriToString('data:;base64,SGVsbG8sIFdvcmxkIQ==')", 'Hello, World!'],
  ["dateTimeAdd('2020-04-07 14:53:14Z', 'P3Y')", '2023-04-07 14:53:14Z'],
  ["dateTimeAdd('2020-04-07 14:53:14Z', '-P9D')", '2020-03-29 14:53:14Z'],
  ["dateTimeAdd('2020-04-07 14:53:14Z', 'PT1H', 'yyyy-MM-ddTHH:mm:ss')", '2020-04-07T15:53:14'],
  ["dateTimeToEpoch('2021-01-01T00:00:00Z')", 1609459200],
  ['div(8, 3)', 2],
  ['div(-8, 3)', -2],
  ["empty('')", true],
  ['empty(createObject())', true],
  ["endsWith('abcdef', 'F')", true],
  ["equals('a', 'A')", false],
  ["equals(createObject('a', 1, 'b', 2), createObject('b', 2, 'a', 1))", true],
  ["first('One Two')", 'O'],
  ["first('')", ''],
  ['first(createArray())', null],
  ["format('{0}, {1}. {2:D3} {3:N0} {{x}}', 'Hello', 'User', 7, 8175133)", 'Hello, User. 007 8,175,133 {x}'],
  ["guid('a', 'b')", valueOf("guid('a-b')")],
  ["if(true(), 'yes', concat())", 'yes'],
  ["indexOf('abcdef', 'CD')", 2],
  ["indexOf(createArray('a', 'b'), 'b')", 1],
  ["int('4')", 4],
  ["intersection(createObject('a', 1, 'b', 2), createObject('a', 1, 'b', 3))", { a: 1 }],
  [
    "items(createObject('b', 1, 'a', 2))",
    [
      { key: 'a', value: 2 },
      { key: 'b', value: 1 },
    ],
  ],
  ["join(createArray('a', 1), '-')", 'a-1'],
  ['json(\'{"a":[1]}\').a[0]', 1],
  ["last(createArray('a', 'b'))", 'b'],
  ["lastIndexOf('test', 't')", 3],
  ["length(createObject('a', 1))", 1],
  ['less(1, 2)', true],
  ["greater('b', 'a')", true],
  ['max(createArray(0, 3, 2))', 3],
  ['min(0, 3, -2)', -2],
  ['mod(7, 3)', 1],
  ["padLeft('123', 10, '0')", '0000000123'],
  ['range(5, 3)', [5, 6, 7]],
  ["replace('123-123-1234', '-', '')", '1231231234'],
  [
    "resourceId('Microsoft.Storage/storageAccounts', 'one')",
    `${testTarget.resourceGroup.id}/providers/Microsoft.Storage/storageAccounts/one`,
  ],
  [
    "resourceId('other', 'Microsoft.Sql/servers/databases', 's', 'd')",
    `${testTarget.subscription.id}/resourceGroups/other/providers/Microsoft.Sql/servers/s/databases/d`,
  ],
  [
    "resourceId('s', 'g', 'Microsoft.Sql/servers', 'n')",
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/n',
  ],
  [
    "subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'r')",
    `${testTarget.subscription.id}/providers/Microsoft.Authorization/roleDefinitions/r`,
  ],
  [
    "extensionResourceId('/subscriptions/s', 'Microsoft.Authorization/locks', 'l')",
    '/subscriptions/s/providers/Microsoft.Authorization/locks/l',
  ],
  [
    "tenantResourceId('Microsoft.Authorization/roleDefinitions', 'r')",
    '/providers/Microsoft.Authorization/roleDefinitions/r',
  ],
  ['resourceGroup().LOCATION', 'westeurope'],
  ["resourceGroup().tags['site']", 'one'],
  ['environment().suffixes.storage', 'core.windows.net'],
  ["shallowMerge(createArray(createObject('a', 1), createObject('a', 2)))", { a: 2 }],
  ["skip('one two', 4)", 'two'],
  ["split('one;two,three', createArray(',', ';'))", ['one', 'two', 'three']],
  ["string(createObject('a', createArray(1, true())))", '{"a":[1,true]}'],
  ["substring('one two three', 4, 3)", 'two'],
  ['take(createArray(1, 2, 3), 2)', [1, 2]],
  ["trim('  a ')", 'a'],
  ["tryGet(createObject('a', createArray(1)), 'a', 5)", null],
  ["createObject('a', 1).?b", null],
  [
    "union(createObject('a', createObject('x', 1)), createObject('a', createObject('y', 2)))",
    { a: { x: 1, y: 2 } },
  ],
  ['union(createArray(1, 2), createArray(2, 3))', [1, 2, 3]],
  ["uri('http://contoso.org/firstpath', 'myscript.sh')", 'http://contoso.org/myscript.sh'],
  ["uriComponentToString(uriComponent('http://a b'))", 'http://a b'],
  ['xor(true(), false())', true],
  ["map(range(0, 3), lambda('i', mul(lambdaVariables('i'), 2)))", [0, 2, 4]],
  ["filter(range(0, 5), lambda('i', greater(lambdaVariables('i'), 2)))", [3, 4]],
  ["reduce(range(1, 4), 0, lambda('sum', 'i', add(lambdaVariables('sum'), lambdaVariables('i'))))", 10],
  [
    "sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))",
    [1, 2, 3],
  ],
  [
    "toObject(createArray('a', 'b'), lambda('e', lambdaVariables('e')), lambda('e', toUpper(lambdaVariables('e'))))",
    { a: 'A', b: 'B' },
  ],
  [
    "groupBy(createArray('ab', 'b', 'ac'), lambda('e', first(lambdaVariables('e'))))",
    { a: ['ab', 'ac'], b: ['b'] },
  ],
  ["mapValues(createObject('a', 1), lambda('v', add(lambdaVariables('v'), 1)))", { a: 2 }],
];

describe('functions', () => {
  it.each(examples)('%s is %j', (expression, value) => {
    expect(valueOf(expression)).toEqual(value);
  });

  it('know their names whatever the letter case', () => {
    expect(valueOf("TOUPPER(toLOWER('A'))")).toBe('A');
  });

  it('turn any value into JSON and back', () => {
    fc.assert(
      fc.property(json, (value) => {
        if (typeof value !== 'object' || value === null) return;
        expect(valueOf("json(string(parameters('v')))", { v: value })).toEqual(value);
        expect(valueOf("base64ToJson(base64(string(parameters('v'))))", { v: value })).toEqual(value);
      }),
    );
  });

  it('find in a union every element once, and in an intersection only what both have', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        expect(valueOf("union(parameters('a'), parameters('b'))", { a, b })).toEqual([
          ...new Set([...a, ...b]),
        ]);
        const shared = valueOf("intersection(parameters('a'), parameters('b'))", { a, b });
        expect(shared).toEqual(a.filter((number) => b.includes(number)));
      }),
    );
  });

  it('divide a range into subnets that lie side by side within it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 24 }), fc.integer({ min: 0, max: 6 }), (prefix, more) => {
        const range = `10.0.0.0/${prefix}`;
        const last = valueOf(`cidrSubnet('${range}', ${prefix + more}, ${2 ** more - 1})`) as string;
        const [outer, inner] = [valueOf(`parseCidr('${range}')`), valueOf(`parseCidr('${last}')`)];
        expect((inner as { broadcast: string }).broadcast).toBe((outer as { broadcast: string }).broadcast);
      }),
    );
  });

  it('make unique strings of 13 characters that depend on every argument', () => {
    const unique = valueOf("uniqueString('a', 'b')");
    expect(unique).toMatch(/^[a-z2-7]{13}$/);
    expect(valueOf("uniqueString('a', 'b')")).toBe(unique);
    expect(valueOf("uniqueString('a', 'c')")).not.toBe(unique);
  });

  it('are about a hundred, those with forms of their own counted', () => {
    expect(functionNames.length).toBeGreaterThan(85);
  });
});

describe('what is known only while deploying', () => {
  const runtime: Runtime = { reference: () => UNKNOWN, list: () => UNKNOWN };
  it.each([
    "reference('x').a.b",
    "concat('a', reference('x').b)",
    "listKeys('x', '1').keys[0].value",
    "if(reference('x').a, 'b', 'c')",
    "map(reference('x').a, lambda('i', 'j'))",
  ])('stays unknown through %s', (expression) => expect(valueOf(expression, {}, { runtime })).toBe(UNKNOWN));

  it('does not keep an error from being found beside it', () => {
    expect(() => valueOf("concat(reference('x').a, parameters('nowhere'))", {}, { runtime })).toThrow(
      'nowhere',
    );
  });
});

describe('loops', () => {
  it('count for copyIndex the innermost resource loop, or the one that is named', () => {
    const loops = [
      { name: 'machines', index: 2, isOfResource: true },
      { name: 'disks', index: 5, isOfResource: false },
    ];
    const values = ['copyIndex()', 'copyIndex(1)', "copyIndex('DISKS')", "copyIndex('machines', 10)"];
    expect(values.map((text) => valueOf(text, {}, { loops }))).toEqual([2, 3, 5, 12]);
  });

  it('of properties are unrolled in place', () => {
    const value = {
      copy: [{ name: 'disks', count: '[add(1, 1)]', input: { lun: "[copyIndex('disks')]" } }],
      kept: 1,
    };
    expect(evaluate(value, testScope())).toEqual({ disks: [{ lun: 0 }, { lun: 1 }], kept: 1 });
  });
});

describe('refusals', () => {
  it.each([
    ["nonsense('a')", "The template function 'nonsense' is not valid."],
    ["parameters('nowhere')", "The template parameter 'nowhere' is not found"],
    [
      "createObject('a', 1, 'b', 2).c",
      "The language expression property 'c' doesn't exist, available properties are 'a, b'",
    ],
    ['createArray(1)[1]', "The language expression property array index '1' is out of bounds"],
    [
      'toLower(1)',
      "The template language function 'toLower' expects its first parameter to be of type 'String'. The provided value is of type 'Integer'.",
    ],
    ["substring('abc', 2, 5)", 'must refer to a location within the string'],
    ["concat('a', createArray())", "expects its second parameter to be of type 'String'"],
    ["trim('a', 'b')", 'function requires 1 argument(s) while 2 were provided'],
    [
      "resourceId('Microsoft.Sql/servers/databases', 'only-one')",
      "the type 'Microsoft.Sql/servers/databases' requires '2' resource name argument(s)",
    ],
    ['copyIndex()', "The template function 'copyIndex' is not expected at this location"],
    ["reference('x')", "The template function 'reference' is not expected at this location"],
    ['utcNow()', "The template function 'utcNow' is not expected at this location"],
    ['div(1, 0)', 'divide by zero'],
    ["if('yes', 1, 2)", "expects its first parameter to be of type 'Boolean'"],
    ["concat('a'", 'the end of the expression is not expected'],
    ["concat('a') b", "the string character 'b' at position '12' is not expected"],
  ])('%s: %s', (expression, message) => {
    expect(() => valueOf(expression)).toThrow(message);
    expect(() => valueOf(expression)).toThrow(ExpressionError);
  });
});
