/**
 * Whether a value could be sent to a worker over gRPC: text, numbers, booleans, bytes, and plain lists and objects of
 * them.
 */

/** @throws TypeError with the path of the first value that could not */
export function assertRpcShaped(value: unknown, place = 'value'): void {
  if (value === null || ['undefined', 'string', 'boolean', 'number'].includes(typeof value)) return;
  if (value instanceof Uint8Array) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) assertRpcShaped(item, `${place}[${index}]`);
    return;
  }
  if (typeof value !== 'object' || !isPlain(value))
    throw new TypeError(`${place} is not RPC-shaped: ${Object.prototype.toString.call(value)}`);
  for (const [name, item] of Object.entries(value)) assertRpcShaped(item, `${place}.${name}`);
}

/** Not an instance of a class; jest's files and Node's own have an `Object` each, which does not matter. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
