/** How much work a .pfx file asks for: key derivation runs as many rounds as the file says, so that is limited. */
import * as forge from 'node-forge';

/** Windows writes 2,000 rounds, OpenSSL 2,048, Java 10,000. */
const MAX_ROUNDS = 50_000;
const MAX_DEPTH = 40;
/** Password-based encryption of PKCS #12 and of PKCS #5, with its key derivation. */
const PASSWORD_BASED = /^1\.2\.840\.113549\.1\.(12\.1|5)\.\d+$/;

type Node = forge.asn1.Asn1;

type MakeCipher = (oid: string, parameters: Node, password: string) => forge.cipher.BlockCipher;

/** What the types of node-forge leave out: how encryption with a password is undone. */
type Pbe = Record<'getCipher' | 'getCipherForPBES2', MakeCipher>;
let mended: Pbe | undefined;

/** PKCS #5 takes the bytes of a password, which others write as UTF-8; node-forge cuts its characters to bytes. */
function passwordBased(): Pbe {
  if (mended) return mended;
  const { pbe } = forge.pki as unknown as { pbe: Pbe };
  const { getCipherForPBES2 } = pbe;
  pbe.getCipherForPBES2 = (oid, parameters, password) =>
    getCipherForPBES2(oid, parameters, forge.util.encodeUtf8(password));
  mended = pbe;
  return pbe;
}

/** Whether no derivation in the file, also within its encrypted parts, takes more than MAX_ROUNDS rounds. */
export function hasBoundedWork(container: Node, password: string): boolean {
  passwordBased();
  const [, , mac] = parts(container);
  return (
    (!mac || integersOf(mac).every((rounds) => rounds <= MAX_ROUNDS)) && isBounded(container, password, 0)
  );
}

function isBounded(node: Node, password: string, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  const [oid, parameters] = parts(node);
  if (
    parameters &&
    PASSWORD_BASED.test(oidOf(oid)) &&
    integersOf(parameters).some((count) => count > MAX_ROUNDS)
  )
    return false;
  return (
    [...parts(node), ...derWithin(node)].every((part) => isBounded(part, password, depth + 1)) &&
    hiddenIsBounded(node, password, depth)
  );
}

function parts({ value }: Node): Node[] {
  return Array.isArray(value) ? value : [];
}

/** DER that lies within a string of octets. */
function derWithin({ tagClass, type, value }: Node): Node[] {
  if (tagClass !== forge.asn1.Class.UNIVERSAL || type !== forge.asn1.Type.OCTETSTRING || Array.isArray(value))
    return [];
  try {
    return [forge.asn1.fromDer(value)];
  } catch {
    return [];
  }
}

function oidOf(node: Node | undefined): string {
  return node?.type === forge.asn1.Type.OID &&
    node.tagClass === forge.asn1.Class.UNIVERSAL &&
    typeof node.value === 'string'
    ? forge.asn1.derToOid(node.value)
    : '';
}

/** Every integer in a tree; numbers that are too large for a count of rounds come out as too large. */
function integersOf(node: Node): number[] {
  if (
    node.type === forge.asn1.Type.INTEGER &&
    node.tagClass === forge.asn1.Class.UNIVERSAL &&
    typeof node.value === 'string'
  )
    return [parseInt(forge.util.bytesToHex(node.value), 16)];
  return parts(node).flatMap(integersOf);
}

/** EncryptedContentInfo: type, algorithm, [0] content. Its own rounds were found to be within the limit. */
function hiddenIsBounded(node: Node, password: string, depth: number): boolean {
  const [type, algorithm, content] = parts(node);
  const [oid, parameters] = algorithm ? parts(algorithm) : [];
  const isEncrypted = oidOf(type) !== '' && content?.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC;
  if (!isEncrypted || !parameters || !PASSWORD_BASED.test(oidOf(oid))) return true;
  try {
    const cipher = passwordBased().getCipher(oidOf(oid), parameters, password);
    cipher.update(forge.util.createBuffer(bytesOf(content)));
    return !cipher.finish() || isBounded(forge.asn1.fromDer(cipher.output.getBytes()), password, depth + 1);
  } catch {
    return true; // What cannot be decrypted or is not DER derives nothing; the reader says what is wrong with it.
  }
}

function bytesOf({ value }: Node): string {
  return typeof value === 'string' ? value : value.map(bytesOf).join('');
}
