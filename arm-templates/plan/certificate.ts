/** The machines' certificate: a .pfx file is opened and checked, and never stored. */
import * as forge from 'node-forge';
import { z } from 'zod';
import { text } from './fields';
import { hasBoundedKeyDerivation, MAX_ITERATIONS } from './pfx-key-derivation-cost';

/** What is read from the certificate in a .pfx file; none of it is secret. */
export interface CertificateDetails {
  subject: string;
  notBefore: Date;
  notAfter: Date;
}

/** Why a .pfx file cannot be used. */
export type CertificateError = { field: 'pfx' | 'password'; message: string };

const ANY_PURPOSE = '2.5.29.37.0';
/** A secret of a key vault holds 25,000 bytes of base64 (https://learn.microsoft.com/azure/key-vault/secrets/about-secrets). */
export const MAX_PFX_BYTES = 18_750;
const MAX_BASE64_CHARACTERS = (MAX_PFX_BYTES / 3) * 4;

/**
 * Opens a .pfx file. RSA keys only, which is what recording servers support.
 * @param pfx the file in base64
 * @returns what the certificate says, or why the file cannot be used
 */
export function openPfx(pfx: string, password: string): CertificateDetails | CertificateError[] {
  const error = (field: CertificateError['field'], message: string) => [{ field, message }];
  let container: forge.asn1.Asn1;
  try {
    container = forge.asn1.fromDer(forge.util.decode64(pfx));
    if (!hasBoundedKeyDerivation(container, password))
      return error(
        'pfx',
        `This file needs more than ${MAX_ITERATIONS.toLocaleString('en')} iterations of key derivation: export it again with the default settings.`,
      );
  } catch {
    return error('pfx', 'This is not a .pfx file (PKCS #12).');
  }
  let store: forge.pkcs12.Pkcs12Pfx;
  try {
    store = forge.pkcs12.pkcs12FromAsn1(container, true, password);
  } catch (cause) {
    return /password|MAC could not be verified|decrypt/i.test(String(cause))
      ? error('password', 'The password does not open the certificate file.')
      : error('pfx', 'This .pfx file cannot be read: export the certificate again, with its private key.');
  }
  return inspect(store);
}

function inspect(store: forge.pkcs12.Pkcs12Pfx): CertificateDetails | CertificateError[] {
  const keys = [forge.pki.oids['pkcs8ShroudedKeyBag'], forge.pki.oids['keyBag']]
    .flatMap((bagType) => (bagType === undefined ? [] : (store.getBags({ bagType })[bagType] ?? [])))
    .flatMap(({ key }) => (key ? [key] : []));
  const bagType = forge.pki.oids['certBag'] ?? '';
  const certificates = (store.getBags({ bagType })[bagType] ?? []).flatMap(({ cert }) =>
    cert ? [cert] : [],
  );
  const error = (message: string): CertificateError[] => [{ field: 'pfx', message }];
  if (keys.length === 0)
    return error(
      'The file contains no RSA private key: export the certificate together with its private key.',
    );
  const own = certificates.find(({ publicKey }) =>
    keys.some((key) => key.n.equals((publicKey as forge.pki.rsa.PublicKey).n)),
  );
  if (!own) return error('The file contains no certificate for its private key: export both together.');
  if (!allowsServerAuthentication(own))
    return error(
      'The certificate is not for server authentication: use one that is issued for this purpose.',
    );
  const { notBefore, notAfter } = own.validity;
  const { value } = (own.subject.getField('CN') ?? {}) as { value?: unknown };
  return { subject: typeof value === 'string' ? value : '', notBefore, notAfter };
}

/** A certificate without an extended key usage is valid for every purpose (RFC 5280 §4.2.1.12). */
function allowsServerAuthentication(certificate: forge.pki.Certificate): boolean {
  const usage = certificate.getExtension('extKeyUsage') as Record<string, unknown> | undefined | null;
  if (!usage) return true;
  return usage['serverAuth'] === true || ANY_PURPOSE in usage;
}

/** Why a certificate is not valid at this time, or undefined when it is. */
export function validityError({ notBefore, notAfter }: CertificateDetails, now: Date): string | undefined {
  if (notAfter <= now)
    return `The certificate expired on ${notAfter.toISOString().slice(0, 10)}: use a valid one.`;
  if (notBefore > now) return `The certificate is valid only from ${notBefore.toISOString().slice(0, 10)}.`;
  return undefined;
}

/**
 * The certificate of a plan. Validation opens the file and adds what it found as `details`, so that it is opened once.
 * Whether the certificate has expired is checked where there is a clock: see `validityError`.
 */
export const certificateFile = z
  .strictObject(
    {
      pfx: z
        .base64('Give the .pfx file in base64.')
        .min(1, 'Give the .pfx file in base64.')
        .max(
          MAX_BASE64_CHARACTERS,
          'The file is too large for a key vault: export it without unneeded certificates.',
        )
        .describe('The .pfx file in base64'),
      password: text('the password of the file', 256),
    },
    {
      error: ({ code }) => (code === 'unrecognized_keys' ? undefined : 'Give the file and its password.'),
    },
  )
  .transform(({ pfx, password }, context) => {
    const details = openPfx(pfx, password);
    if (!Array.isArray(details)) return { pfx, password, details };
    for (const { field, message } of details)
      context.issues.push({ code: 'custom', input: undefined, message, path: [field] });
    return z.NEVER;
  });
