/** Limits the cost of key derivation: a .pfx file states its number of iterations, and could state billions. */
import * as forge from 'node-forge';

/** Windows writes 2,000 iterations, OpenSSL 2,048, Java 10,000. */
export const MAX_ITERATIONS = 50_000;
const MAX_DEPTH = 40;
/** OIDs of password-based encryption and key derivation in PKCS #12 and PKCS #5. */
const PASSWORD_BASED = /^1\.2\.840\.113549\.1\.(12\.1|5)\.\d+$/;

type Node = forge.asn1.Asn1;

type MakeCipher = (oid: string, parameters: Node, password: string) => forge.cipher.BlockCipher;

/** Password-based decryption, which the types of node-forge do not declare. */
type Pbe = Record<'getCipher' | 'getCipherForPBES2', MakeCipher>;
let patchedPbe: Pbe | undefined;

/** Patches node-forge once: for PKCS #5 it truncates characters of a password to bytes, where others use UTF-8. */
function patchPbe(): Pbe {
  if (patchedPbe) return patchedPbe;
  const { pbe } = forge.pki as typeof forge.pki & { pbe: Pbe };
  const { getCipherForPBES2 } = pbe;
  pbe.getCipherForPBES2 = (oid, parameters, password) =>
    getCipherForPBES2(oid, parameters, forge.util.encodeUtf8(password));
  patchedPbe = pbe;
  return pbe;
}

/** Whether every key derivation in the file, also in encrypted content, has MAX_ITERATIONS iterations at most. */
export function hasBoundedKeyDerivation(container: Node, password: string): boolean {
  patchPbe();
  const [, , mac] = children(container);
  return (
    (!mac || integersOf(mac).every((iterations) => iterations <= MAX_ITERATIONS)) &&
    isBounded(container, password, 0)
  );
}

function isBounded(node: Node, password: string, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  const [oid, parameters] = children(node);
  if (
    parameters &&
    PASSWORD_BASED.test(oidOf(oid)) &&
    integersOf(parameters).some((count) => count > MAX_ITERATIONS)
  )
    return false;
  return (
    [...children(node), ...nestedDer(node)].every((child) => isBounded(child, password, depth + 1)) &&
    isEncryptedContentBounded(node, password, depth)
  );
}

function children({ value }: Node): Node[] {
  return Array.isArray(value) ? value : [];
}

/** DER that is encoded within an octet string. */
function nestedDer({ tagClass, type, value }: Node): Node[] {
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

/** Every integer in a tree. Large numbers lose precision, but stay above the limit. */
function integersOf(node: Node): number[] {
  if (
    node.type === forge.asn1.Type.INTEGER &&
    node.tagClass === forge.asn1.Class.UNIVERSAL &&
    typeof node.value === 'string'
  )
    return [parseInt(forge.util.bytesToHex(node.value), 16)];
  return children(node).flatMap(integersOf);
}

/** EncryptedContentInfo: type, algorithm, [0] content. The caller has checked the iterations of its own algorithm. */
function isEncryptedContentBounded(node: Node, password: string, depth: number): boolean {
  const [type, algorithm, content] = children(node);
  const [oid, parameters] = algorithm ? children(algorithm) : [];
  const isEncrypted = oidOf(type) !== '' && content?.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC;
  if (!isEncrypted || !parameters || !PASSWORD_BASED.test(oidOf(oid))) return true;
  try {
    const cipher = patchPbe().getCipher(oidOf(oid), parameters, password);
    cipher.update(forge.util.createBuffer(bytesOf(content)));
    return !cipher.finish() || isBounded(forge.asn1.fromDer(cipher.output.getBytes()), password, depth + 1);
  } catch {
    return true; // Content that cannot be decrypted or parsed derives no keys; opening the file reports the error.
  }
}

function bytesOf({ value }: Node): string {
  return typeof value === 'string' ? value : value.map(bytesOf).join('');
}
