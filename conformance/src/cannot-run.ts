/**
 * The run could not be done, through no fault of the client under test. The message says what was
 * tried, what came back and what cures it; the command line prints it and exits with 2.
 */
export class CannotRun extends Error {
  override name = 'CannotRun';
}
