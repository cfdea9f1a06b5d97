import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CannotRun } from '../cannot-run.ts';
import type { Report } from './model.ts';

export interface ReportTarget {
  readonly format: 'json';
  readonly file: string;
}

/**
 * Reads `json=out.json`, several separated by commas.
 *
 * @throws CannotRun for an unknown format or a missing file name.
 */
export function parseReportTargets(option: string | undefined): ReportTarget[] {
  return (option ?? '')
    .split(',')
    .filter(Boolean)
    .map((target) => {
      const [format, ...file] = target.split('=');
      if (format !== 'json' || file.join('=') === '') {
        throw new CannotRun(
          `--report ${target}: it takes json=FILE, such as --report json=out.json`,
        );
      }
      return { format, file: file.join('=') };
    });
}

/** @throws CannotRun when the file cannot be written. */
export async function writeReports(
  report: Report,
  targets: readonly ReportTarget[],
): Promise<void> {
  for (const { file } of targets) {
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CannotRun(
        `the report could not be written to ${file}: ${why}. Name another file with --report json=FILE`,
      );
    }
  }
}
