// Prepares what the distribution and the container way need, and starts nothing that stays: for images and for CI, where the
// network is there only before the run.
import { CannotRun } from '../../cannot-run.ts';
import { readPinned } from './files.ts';
import { findJava } from './java.ts';
import { prepareDatabase, prepareDistribution } from './prepared.ts';
import { readRealm } from './realm.ts';

try {
  const [pinned, java, realm] = await Promise.all([readPinned(), findJava(), readRealm()]);
  const distribution = await prepareDistribution(pinned, java, console.error);
  await prepareDatabase(pinned, distribution, realm, java, console.error);
} catch (error) {
  if (!(error instanceof CannotRun)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
