// Dies at the first request after the handshake.
import { serve } from './line-server.ts';

await serve(() => process.exit(3));
