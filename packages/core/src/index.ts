export { OAuthError, type ErrorClass } from './errors.ts';
export { Secret, TokenSecret } from './secret.ts';
export { type ClientAuthentication, type Settings, settingsFromEnvironment } from './settings.ts';
export { Token } from './token.ts';
export { type GetTokenOptions, TokenClient } from './token_client.ts';
