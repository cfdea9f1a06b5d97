import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { canRepeat, refusesToken } from '../protected_resource.ts';

/** Whether an answer says that another token would do. */
export function isRefusal(status: number, headers: IncomingHttpHeaders): boolean {
  if (status !== 401) return false;
  const challenges = headers['www-authenticate'] as string | string[] | undefined;
  // Undici passes on what a header may not hold.
  const text = [challenges ?? []]
    .flat()
    .join(', ')
    .replaceAll(/[^\t\x20-\x7e]/g, '?');
  return refusesToken(new Response(null, { status, headers: { 'WWW-Authenticate': text } }));
}

/** Whether a request can be sent again: what is read while it is sent cannot. */
export function isRepeatable({ body }: Dispatcher.DispatchOptions): boolean {
  return canRepeat({ body } as RequestInit) || isFormData(body);
}

/** Undici takes its own `FormData` and not the platform's. */
function isFormData(body: unknown): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    Reflect.get(body, Symbol.toStringTag) === 'FormData'
  );
}
