import type { inspect, InspectOptions } from 'node:util';

/**
 * The name of the method that `console.log` asks, as Node documents it for those who do not import node:util: that module brings
 * workers, sockets and a parser of arguments with it.
 */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/** What a method of the name {@link INSPECT} is given: the depth that is left, options, and the function itself. */
export type Inspecting = [depth: number, options: InspectOptions, show: typeof inspect];
