/**
 * Functions of address ranges.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-cidr
 */
import { type Arguments } from '../arguments';
import { type Value } from '../values';
import { takes, type FunctionTable } from './function';

export const networkFunctions: FunctionTable = {
  cidrHost: takes(2, cidrHost),
  cidrSubnet: takes(3, cidrSubnet),
  parseCidr: takes(1, parseCidr),
};

interface Range {
  /** The first address as a number. */
  network: number;
  prefix: number;
  /** How many addresses. */
  size: number;
}

function rangeOf(given: Arguments): Range {
  const [, address = '', prefixText = ''] = /^([\d.]+)\/(\d+)$/.exec(given.text(0)) ?? [];
  const bytes = address.split('.').map(Number);
  const prefix = Number(prefixText);
  if (bytes.length !== 4 || bytes.some((byte) => !(byte <= 255)) || prefix > 32) {
    return given.refuse(
      `'${given.text(0)}' is not a range of IPv4 addresses; ranges of IPv6 are not implemented`,
    );
  }
  const size = 2 ** (32 - prefix);
  const first = bytes.reduce((number, byte) => number * 256 + byte, 0);
  return { network: first - (first % size), prefix, size };
}

function address(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

function parseCidr(given: Arguments): Value {
  const { network, prefix, size } = rangeOf(given);
  const margin = prefix < 31 ? 1 : 0;
  return {
    network: address(network),
    netmask: address(2 ** 32 - size),
    broadcast: address(network + size - 1),
    firstUsable: address(network + margin),
    lastUsable: address(network + size - 1 - margin),
    cidr: prefix,
  };
}

function cidrSubnet(given: Arguments): string {
  const range = rangeOf(given);
  const prefix = given.integer(1);
  const index = given.integer(2);
  if (prefix < range.prefix || prefix > 32) {
    given.refuse(`the new CIDR value must be between ${range.prefix} and 32`);
  }
  if (index < 0 || index >= 2 ** (prefix - range.prefix)) {
    given.refuse(`there is no subnet with the index ${index}`);
  }
  return `${address(range.network + index * 2 ** (32 - prefix))}/${prefix}`;
}

/** Index 0 is the first address after that of the network. */
function cidrHost(given: Arguments): string {
  const { network, size } = rangeOf(given);
  const index = given.integer(1);
  if (index < 0 || index + 1 >= size) given.refuse(`there is no host with the index ${index}`);
  return address(network + index + 1);
}
