/**
 * Plays a flow again while the wire shows that the machine was too slow for what it is to show. Only the last one is judged, and it is judged whatever it is:
 * no verdict is tried twice.
 *
 * @param tries at most.
 * @param attempt with a client of its own each time.
 */
export async function inGoodTime<Seen>(
  tries: number,
  attempt: () => Promise<Seen>,
  wasInTime: (seen: Seen) => boolean,
): Promise<Seen> {
  for (let left = tries; ; left--) {
    const seen = await attempt();
    if (left <= 1 || wasInTime(seen)) return seen;
  }
}
