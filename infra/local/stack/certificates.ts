/** The local certificate authority and the one server certificate under it, renewed when they are no longer valid. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writePrivateFile } from '../stand-in-support/private-file';

export interface Certificates {
  caFile: string;
  certFile: string;
  keyFile: string;
  /** Changes when the certificate changes. */
  fingerprint: string;
}

const renewBeforeDays = 30;

/** Creates what is missing, unreadable or about to expire in `folder`; key files are readable by their owner alone. */
export async function ensureCertificates(folder: string): Promise<Certificates> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const caFile = path.join(folder, 'ca.pem');
  const caKeyFile = path.join(folder, 'ca.key');
  const certFile = path.join(folder, 'server.pem');
  const keyFile = path.join(folder, 'server.key');
  if (!serves(caFile, caKeyFile, caFile)) {
    const { makeAuthority } = await import('./make-certificates');
    const made = await makeAuthority();
    writePrivateFile(caKeyFile, made.key);
    writeFileSync(caFile, made.cert);
  }
  if (!serves(certFile, keyFile, caFile)) {
    const { makeServerCertificate } = await import('./make-certificates');
    const made = await makeServerCertificate(
      readFileSync(caFile, 'utf8'),
      createPrivateKey(readFileSync(caKeyFile)),
    );
    writePrivateFile(keyFile, made.key);
    writeFileSync(certFile, made.cert);
  }
  const { fingerprint256 } = new X509Certificate(readFileSync(certFile));
  return { caFile, certFile, keyFile, fingerprint: fingerprint256 };
}

/** Whether a certificate is readable, not about to expire, signed by the authority, and its key is the right one. */
function serves(certFile: string, keyFile: string, caFile: string): boolean {
  try {
    const certificate = new X509Certificate(readFileSync(certFile));
    const authority = new X509Certificate(readFileSync(caFile));
    const daysLeft = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
    return (
      daysLeft > renewBeforeDays &&
      certificate.verify(authority.publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))
    );
  } catch {
    return false;
  }
}
