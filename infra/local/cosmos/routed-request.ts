/** What every operation of the gateway gets. */
import { type GatewayRequest } from './message';
import { type Catalogue } from './store/catalogue';

export interface GatewayState {
  readonly catalogue: Catalogue;
  /** Refuse what one partition on one machine could do, but the service's many cannot. */
  readonly strict: boolean;
}

/** A request whose path has been taken apart. */
export interface RoutedRequest extends GatewayRequest {
  readonly database: string;
  readonly container: string;
  readonly id: string;
}
