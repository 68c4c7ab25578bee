/** The HTTP client of everything that the cloud client sends: directly, or through an HTTP proxy. */
import { createDefaultHttpClient, type HttpClient, proxyPolicy } from '@azure/core-rest-pipeline';

/** Reached directly, unless a proxy was named for this client: a proxy of the environment is there for other hosts. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Sends through the proxy: plain http requests as they are, https through a tunnel (CONNECT). Without one,
 * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of the environment apply.
 * @param proxy http or https URL; name and password in it are sent to the proxy alone
 */
export function proxiedHttpClient(proxy: URL | undefined): HttpClient {
  const direct = createDefaultHttpClient();
  const policy = proxy
    ? proxyPolicy(settingsOf(proxy), { customNoProxyList: [] })
    : proxyPolicy(undefined, { customNoProxyList: [...noProxyHosts(), ...LOOPBACK] });
  return {
    sendRequest(request) {
      // The storage SDK has chosen a proxy of its own here, by the environment alone.
      delete request.agent;
      return policy.sendRequest(request, (next) => direct.sendRequest(next));
    },
  };
}

/** The proxy that the environment names, for diagnosis. */
export function proxyOfEnvironment(): URL | undefined {
  const { env } = process;
  const text = env['HTTPS_PROXY'] || env['https_proxy'] || env['HTTP_PROXY'] || env['http_proxy'];
  return text && URL.canParse(text) ? new URL(text) : undefined;
}

function settingsOf(proxy: URL) {
  const defaultPort = proxy.protocol === 'https:' ? 443 : 80;
  return {
    host: `${proxy.protocol}//${proxy.hostname}`,
    port: proxy.port === '' ? defaultPort : Number(proxy.port),
    username: decodeURIComponent(proxy.username),
    password: decodeURIComponent(proxy.password),
  };
}

function noProxyHosts(): string[] {
  const list = process.env['NO_PROXY'] ?? process.env['no_proxy'] ?? '';
  return list
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
}
