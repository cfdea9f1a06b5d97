export * from './error_classes.ts';
export { type Delivery, type ErrorClass, OAuthError } from './errors.ts';
export { Secret, TokenSecret } from './secret.ts';
export { type ClientAuthentication, type GrantName, type Settings } from './settings.ts';
export { type EnvironmentOptions, settingsFromEnvironment } from './settings_from_environment.ts';
export { FileStore, type FileStoreOptions } from './store/file_store.ts';
export { MemoryStore } from './store/memory_store.ts';
export {
  type Lease,
  type StoredTokens,
  type TokenStore,
  type Versioned,
} from './store/token_store.ts';
export { Token, type Window } from './token.ts';
export { isReturnOfLogout } from './end_session.ts';
export type { LogoutOptions } from './logout.ts';
export type { UserInfoClaims } from './openid/claims.ts';
export type { LoginOptions, PendingLogin } from './pending_login.ts';
export { type GetTokenOptions, TokenClient } from './token_client.ts';
