import { ANSWERS } from './answers.ts';
import { CLIENT_AUTHENTICATION } from './client-authentication.ts';
import { LOGGING_IN } from './logging-in.ts';
import { METADATA } from './metadata.ts';
import type { Property } from './property.ts';
import { REFRESHING } from './refreshing.ts';

export const PROPERTIES: readonly Property[] = [
  ...CLIENT_AUTHENTICATION,
  ...ANSWERS,
  ...REFRESHING,
  ...LOGGING_IN,
  ...METADATA,
];
