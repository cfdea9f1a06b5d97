// Shakes hands, and never says a word again.
import { serve } from './line-server.ts';

await serve(() => undefined);
