/**
 * Encodings, and values made of others.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string
 */
import { createHash, randomUUID } from 'node:crypto';
import { v5 } from 'uuid';
import { type Arguments } from '../arguments';
import { type Scope } from '../scope';
import { asText, type Value } from '../values';
import { notExpectedHere } from './dates';
import { ANY_NUMBER, takes, type FunctionTable } from './function';

export const encodingFunctions: FunctionTable = {
  base64: takes(1, (given) => Buffer.from(given.text(0)).toString('base64')),
  base64ToJson: takes(1, (given) => parsedJson(given, decoded(given.text(0)))),
  base64ToString: takes(1, (given) => decoded(given.text(0))),
  dataUri: takes(
    1,
    (given) =>
      `data:text/plain;charset=utf8;base64,${Buffer.from(asText(given.value(0))).toString('base64')}`,
  ),
  dataUriToString: takes(1, dataUriToString),
  guid: takes(1, (given) => v5(given.values.map(asText).join('-'), guidNamespace), ANY_NUMBER),
  json: takes(1, (given) => parsedJson(given, given.text(0))),
  newGuid: takes(0, newGuid),
  uniqueString: takes(1, (given) => uniqueString(given.values.map(asText).join('-')), ANY_NUMBER),
  uri: takes(2, uri),
  uriComponent: takes(1, (given) => encodeURIComponent(given.text(0))),
  uriComponentToString: takes(1, uriComponentToString),
};

/** Of Azure's `guid()`. */
const guidNamespace = '11fb06fb-712d-4ddd-98c7-e71bbd588830';

const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString();

function parsedJson(given: Arguments, text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return given.refuse('the argument is not valid JSON');
  }
}

function dataUriToString(given: Arguments): string {
  const [, base64, data] =
    /^data:[^,]*?(;base64)?,(.*)$/is.exec(given.text(0)) ?? given.refuse('it is not a data URI');
  return base64 === undefined ? decodeURIComponent(data ?? '') : decoded(data ?? '');
}

function newGuid(given: Arguments, scope: Scope): string {
  if (scope.defaults === undefined) throw notExpectedHere(given.functionName);
  return randomUUID();
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * Of Azure's shape, 13 characters, and the same for the same text; but another hash than Azure's, which is not
 * documented.
 */
function uniqueString(text: string): string {
  let bits = createHash('sha256').update(text).digest().readBigUInt64BE();
  let unique = '';
  for (let index = 0; index < 13; index += 1) {
    unique += base32.charAt(Number(bits & 31n));
    bits >>= 5n;
  }
  return unique;
}

/** The path is put after the last slash of the base's path. */
function uri(given: Arguments): string {
  try {
    return new URL(given.text(1), given.text(0)).href;
  } catch {
    return given.refuse(`'${given.text(0)}' is not an absolute URI`);
  }
}

function uriComponentToString(given: Arguments): string {
  try {
    return decodeURIComponent(given.text(0));
  } catch {
    return given.refuse('the argument is not valid percent-encoding');
  }
}
