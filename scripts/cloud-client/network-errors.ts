/** What errors of the network mean, and what can be done about them. */

const MEANINGS: Record<string, readonly [cause: string, remedy: string]> = {
  ENOTFOUND: [
    'The name is not known to the name server of this machine.',
    'Check its spelling, and the DNS settings of this machine; behind a proxy, name the proxy.',
  ],
  EAI_AGAIN: ['The name server does not answer.', 'Check the DNS settings of this machine and its network.'],
  ECONNREFUSED: [
    'The machine is there, and nothing listens at this port.',
    'Check the port, and whether the service (or the proxy) is running.',
  ],
  ECONNRESET: [
    'The connection was cut: a firewall or an inspecting proxy in between.',
    'Allow outbound TCP 443 to the service; where a proxy is required, name it by --proxy.',
  ],
  ETIMEDOUT: [
    'Nothing answers: a firewall drops the packets.',
    'Allow outbound TCP 443 to the service; where a proxy is required, name it by --proxy.',
  ],
  EHOSTUNREACH: ['There is no route to it.', 'Check the network and the gateway of this machine.'],
  ENETUNREACH: ['There is no route to it.', 'Check the network and the gateway of this machine.'],
  CERT_HAS_EXPIRED: [
    'The certificate has expired, or the clock of this machine is far ahead.',
    'Check the date of this machine; then ask the administrator of the service to renew the certificate.',
  ],
  CERT_NOT_YET_VALID: [
    'The certificate is not valid yet: the clock of this machine is behind.',
    'Set the clock of this machine.',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'The certificate is of another name: another server, or an inspecting proxy, answers.',
    'Compare --url with the address that the administrator of the service gave you.',
  ],
};

const UNTRUSTED = [
  'The certificate comes from an authority that this machine does not trust: usually a proxy that opens TLS.',
  'Save the certificate of that authority and name its file by NODE_EXTRA_CA_CERTS; or exempt the service from inspection.',
] as const;
for (const code of [
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
])
  MEANINGS[code] = UNTRUSTED;

interface ErrorLike {
  name?: unknown;
  message?: unknown;
  code?: unknown;
  cause?: unknown;
  errors?: unknown;
}

/** The cause in a sentence, with the code of the error. */
export function causeOf(error: unknown): string {
  const code = codeOf(error);
  const meaning = code === undefined ? undefined : MEANINGS[code];
  const { message } = (error ?? {}) as ErrorLike;
  return meaning ? `${meaning[0]} (${code ?? ''})` : typeof message === 'string' ? message : String(error);
}

/** What to do about it. */
export function remedyOf(error: unknown): string {
  const meaning = MEANINGS[codeOf(error) ?? ''];
  return meaning?.[1] ?? 'Check address, network and firewall; the message above says where it ended.';
}

/** The first code that the error or one of its causes has; time limits count as ETIMEDOUT. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { name, code, cause, errors } = error as ErrorLike;
  if (name === 'TimeoutError' || name === 'AbortError') return 'ETIMEDOUT';
  if (typeof code === 'string' && code in MEANINGS) return code;
  return codeOf(Array.isArray(errors) ? (errors as unknown[])[0] : cause);
}
