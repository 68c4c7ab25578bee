/** For tests: a customer with its callers and resources, and the requests that are made for it. */
import type { Api, CallOptions, TestService } from './service';

export interface CustomerRequest extends CallOptions {
  /** Values of the path's parameters. */
  params: Record<string, string>;
}

/** The callers of one customer, and its resources. */
export interface TestCustomer {
  service: TestService;
  /** The name that its tokens are issued for. */
  customer: string;
  administrator: Api;
  server: Api;
  /** The token that `server` uses. */
  serverToken: string;
  siteId: string;
  clientId: string;
  clientSecret: string;
  serverId: string;
}

/** Creates the resources that the request names, and the request. */
export type Make = (customer: TestCustomer) => Promise<CustomerRequest> | CustomerRequest;
