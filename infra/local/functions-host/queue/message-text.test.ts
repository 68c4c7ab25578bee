import { type DequeuedMessageItem } from '@azure/storage-queue';
import fc from 'fast-check';
import { decodeMessage, encodeMessage, messageMetadata, outputMessages } from './message-text';

const message: DequeuedMessageItem = {
  messageId: 'id-1',
  popReceipt: 'receipt',
  messageText: '',
  dequeueCount: 3,
  insertedOn: new Date('2024-05-01T10:00:00Z'),
  expiresOn: new Date('2024-05-08T10:00:00.5Z'),
  nextVisibleOn: new Date('2024-05-01T10:10:00Z'),
};

describe('message encoding', () => {
  it('gives back every text, in base64 and plain', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('base64' as const, 'none' as const),
        (text, encoding) => {
          expect(decodeMessage(encodeMessage(text, encoding), encoding)).toBe(text);
        },
      ),
    );
  });

  it('knows text that is no base64', () => {
    expect(decodeMessage('{"plain":"json"}', 'base64')).toBeUndefined();
  });
});

describe('binding data of a message', () => {
  it('is typed as the host types it: text, JSON numbers, times with offset', () => {
    expect(messageMetadata(message, 'plain')).toEqual({
      QueueTrigger: { string: 'plain' },
      DequeueCount: { json: '3' },
      Id: { string: 'id-1' },
      PopReceipt: { string: 'receipt' },
      InsertionTime: { json: '"2024-05-01T10:00:00+00:00"' },
      ExpirationTime: { json: '"2024-05-08T10:00:00.5+00:00"' },
      NextVisibleTime: { json: '"2024-05-01T10:10:00+00:00"' },
    });
  });

  it('has the properties of a JSON message besides, but no arrays and nulls', () => {
    const data = messageMetadata(message, '{"n":1,"t":"x","o":{"a":1},"l":[1],"z":null,"b":false}');
    expect(data).toMatchObject({
      n: { string: '1' },
      t: { string: 'x' },
      o: { json: '{"a":1}' },
      b: { string: 'False' },
    });
    expect(data).not.toHaveProperty('l');
    expect(data).not.toHaveProperty('z');
  });
});

describe('queue output', () => {
  it('makes one message of text, bytes, numbers and objects', () => {
    expect(outputMessages({ string: 'text' })).toEqual(['text']);
    expect(outputMessages({ json: '{"a":1}' })).toEqual(['{"a":1}']);
    expect(outputMessages({ int: 5 })).toEqual(['5']);
    expect(outputMessages({ bytes: new Uint8Array([1]) })).toEqual([new Uint8Array([1])]);
  });

  it('makes one message of each item of an array', () => {
    expect(outputMessages({ json: '["a",{"b":1}]' })).toEqual(['a', '{"b":1}']);
    expect(outputMessages({ string: '[1,2]' })).toEqual(['1', '2']);
    expect(outputMessages({ string: '[no json' })).toEqual(['[no json']);
  });
});
