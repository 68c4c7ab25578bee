/** What a queue message looks like on the wire, by host.json `messageEncoding`, and as trigger data. */
import { type DequeuedMessageItem } from '@azure/storage-queue';
import { type QueueSettings } from '../host-settings';
import { type TypedData } from '../worker/rpc';

type Encoding = QueueSettings['messageEncoding'];

export function encodeMessage(text: string | Uint8Array, encoding: Encoding): string {
  if (encoding === 'base64') return Buffer.from(text).toString('base64');
  return typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
}

/** Undefined when the text is not in the encoding: such a message can never be run. */
export function decodeMessage(messageText: string, encoding: Encoding): string | undefined {
  if (encoding === 'none') return messageText;
  const decoded = Buffer.from(messageText, 'base64');
  return decoded.toString('base64') === messageText.trim() ? decoded.toString('utf8') : undefined;
}

/** The messages that an output binding's value stands for: a JSON array is several, everything else is one. */
export function outputMessages(value: TypedData): (string | Uint8Array)[] {
  if (value.bytes) return [value.bytes];
  const text = value.string ?? value.json ?? String(value.int ?? value.double ?? '');
  if (value.json === undefined && !text.startsWith('[')) return [text];
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed)) return [text];
    return parsed.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  } catch {
    return [text];
  }
}

/** Binding data of a message: the queue's own properties, then those of a JSON object in the message. */
export function messageMetadata(message: DequeuedMessageItem, text: string): Record<string, TypedData> {
  // As .NET prints a DateTimeOffset.
  const time = (date: Date) => ({ json: JSON.stringify(date.toISOString().replace(/\.?0*Z$/, '+00:00')) });
  return {
    QueueTrigger: { string: text },
    DequeueCount: { json: String(message.dequeueCount) },
    ExpirationTime: time(message.expiresOn),
    Id: { string: message.messageId },
    InsertionTime: time(message.insertedOn),
    NextVisibleTime: time(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
    ...jsonProperties(text),
  };
}

/** The host adds the top-level properties of a JSON message to the binding data: objects as JSON, arrays not at all. */
function jsonProperties(text: string): Record<string, TypedData> {
  if (!/^\s*\{[\s\S]*\}\s*$/.test(text)) return {};
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return Object.fromEntries(
      entries
        .filter(([, value]) => value !== null && !Array.isArray(value))
        .map(([name, value]) => [
          name,
          typeof value === 'object' ? { json: JSON.stringify(value) } : { string: netString(value) },
        ]),
    );
  } catch {
    return {};
  }
}

/** .NET prints booleans with a capital. */
function netString(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}
