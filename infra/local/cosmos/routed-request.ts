/** The arguments of every operation of the gateway. */
import { type GatewayRequest } from './message';
import { type Catalogue } from './store/catalogue';

export interface GatewayState {
  readonly catalogue: Catalogue;
  /** Refuse what one machine could do, but the distributed service cannot or only by a scan. */
  readonly strict: boolean;
  /** Reads lag behind by this many seconds, as in a read region; 0: not at all. */
  readonly staleSeconds: number;
}

/** A request whose path has been parsed. */
export interface RoutedRequest extends GatewayRequest {
  readonly database: string;
  readonly container: string;
  readonly id: string;
}
