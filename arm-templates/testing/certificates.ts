/** For tests: generates .pfx files, valid and invalid. */
import forge from 'node-forge';

export interface PfxOptions {
  notBefore?: Date;
  notAfter?: Date;
  /** Extended key usage; absent from the certificate by default. */
  purposes?: { serverAuth?: boolean; clientAuth?: boolean };
  withKey?: boolean;
  /** The certificate belongs to another key. */
  mismatchedCertificate?: boolean;
  password?: string;
  algorithm?: '3des' | 'aes256';
  iterations?: number;
}

const keys = new Map<string, forge.pki.rsa.KeyPair>();

/** Keys are slow to generate: one per name is cached. */
function keyPair(name: string): forge.pki.rsa.KeyPair {
  const known = keys.get(name) ?? forge.pki.rsa.generateKeyPair(1024);
  keys.set(name, known);
  return known;
}

export const PFX_PASSWORD = 'open sesame';

/** A .pfx file in base64. */
export function makePfx(options: PfxOptions = {}): string {
  const { withKey = true, password = PFX_PASSWORD, algorithm = '3des', iterations = 2_048 } = options;
  const certificate = makeCertificate(options);
  const key = withKey ? keyPair('own').privateKey : null;
  const asn1 = forge.pkcs12.toPkcs12Asn1(key, certificate, password, { algorithm, count: iterations });
  return forge.util.encode64(forge.asn1.toDer(asn1).getBytes());
}

function makeCertificate({
  notBefore,
  notAfter,
  purposes,
  mismatchedCertificate,
}: PfxOptions): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keyPair(mismatchedCertificate ? 'other' : 'own').publicKey;
  // Long, as in real certificates, and so not mistaken for an iteration count.
  certificate.serialNumber = '4fb1c2d3e4f50617';
  certificate.validity.notBefore = notBefore ?? new Date('2026-01-01T00:00:00Z');
  certificate.validity.notAfter = notAfter ?? new Date('2036-01-01T00:00:00Z');
  const name = [{ name: 'commonName', value: 'recording.contoso.example' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  if (purposes) certificate.setExtensions([{ name: 'extKeyUsage', ...purposes }]);
  certificate.sign(keyPair('own').privateKey, forge.md.sha256.create());
  return certificate;
}
