/** Fixture app with a durable entity, which the local host refuses. */
import * as df from 'durable-functions';

df.app.entity('counter', (context) => context.df.setState(0));
