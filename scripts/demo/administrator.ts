/** An administrator at the API, for scripts: JSON in, JSON out, a problem becomes an Error with a readable message. */

export interface ApiAnswer<T> {
  etag: string;
  body: T;
}

export class AdministratorApi {
  constructor(
    readonly serviceUrl: string,
    private readonly token: string,
  ) {}

  /** A full administrator of a customer, with a token of the local issuer. */
  static async signIn(serviceUrl: string, customer: string): Promise<AdministratorApi> {
    const response = await fetch(`${serviceUrl}/local/token?role=FullAdmin&customer=${customer}`);
    if (!response.ok)
      throw new Error(`${serviceUrl} issues no local tokens (${response.status}): is it a local service?`);
    const { access_token } = (await response.json()) as { access_token: string };
    return new AdministratorApi(serviceUrl, access_token);
  }

  /** Calls an operation below `/api/v1`. @throws Error with the problem's detail */
  async call<T>(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer<T>> {
    const response = await fetch(`${this.serviceUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return { etag: response.headers.get('etag') ?? '', body: (text ? JSON.parse(text) : undefined) as T };
  }

  /** All items of a list, page by page. */
  async list<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let next: string | undefined = path;
    while (next !== undefined) {
      const { body }: ApiAnswer<{ value: T[]; nextLink?: string }> = await this.call('GET', next);
      items.push(...body.value);
      next = body.nextLink?.slice(`${this.serviceUrl}/api/v1`.length);
    }
    return items;
  }
}
