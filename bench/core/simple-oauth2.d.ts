// The package has no types. What the benchmarks use of it.
declare module 'simple-oauth2' {
  export interface AccessToken {
    readonly token: { readonly access_token: string };
    expired(windowSeconds?: number): boolean;
  }
  export class ClientCredentials {
    constructor(config: {
      client: { id: string; secret: string };
      auth: { tokenHost: string; tokenPath: string };
    });
    getToken(params: Record<string, never>): Promise<AccessToken>;
    createToken(token: Record<string, unknown>): AccessToken;
  }
}
