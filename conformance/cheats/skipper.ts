// Declares no capability, so that nothing can be asked of it.
import { HANDSHAKE, serve } from './line-server.ts';

HANDSHAKE.capabilities.length = 0;
await serve(() => ({ outcome: 'ok' }));
