/** What every operation of the gateway gets. */
import { type GatewayRequest } from './message';
import { type Catalogue } from './store/catalogue';

export interface GatewayState {
  readonly catalogue: Catalogue;
  /** Refuse what one machine could do, but the service's many cannot or only by a scan. */
  readonly strict: boolean;
  /** Reads lag behind by so much, as in a region that only reads; 0: not at all. */
  readonly staleSeconds: number;
}

/** A request whose path has been taken apart. */
export interface RoutedRequest extends GatewayRequest {
  readonly database: string;
  readonly container: string;
  readonly id: string;
}
