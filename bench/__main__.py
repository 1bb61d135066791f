"""`python -m bench`, which is `make bench`: starts the servers, measures, prints, and saves.

The JSON of `--json` has:

* `machine`, `commit`, `durability` (the settings of each database, as they were read back from it), `notes` (what was
  left out, and why), `plan` (what was measured for how long).
* `figures`, by `<load>_<clients>`, then by server. Loads: `gather`, each client on a patch of its own; `hot`, all on
  one; `batch`, a thousand actions in each request; `list` and `feed`, pages of 20 in a large world, read anew each
  time; `list_again` and `feed_again`, the same shown again while nothing happens there. Servers: `echo`,
  the bare endpoint; `sqlite` and `postgresql`, the product; `postgresql_two`, two processes with a world each;
  `postgresql_workers`, two behind one port; `template_sqlite` and `template_postgresql`, the usual service. Of each:
  `rate`, answers (of `batch`: actions) a second, the median of the rounds, from `lowest` to `highest`; `p50`, `p95`,
  `p99` in ms; `server_us` and `database_us`, the processor's time for each; `generator_share`, what the load took of
  all processors; `answers` that were counted.
* `ratios`, by `<server>_<clients>` of `gather` (`sqlite_64`, `postgresql_64`) and `<load>_<server>_<clients>` of all
  others: the rate over that of the bare endpoint in the same rounds. `cpu_ratios`, the same of the processor's time:
  1 is what the endpoint needs, 0.5 twice that. `against_template`: the rate over that of the usual service.
  `hot_over_spread`, by `<server>_<clients>`.
* `lives`, by database: `young_events` and `old_events`, how long the two logs became; `young_p50_ms`, `old_p50_ms` and
  `old_over_young`, of one client; `idle_mb` and `loaded_mb`, the memory of the server before anything and after all;
  `replay_events_a_second` and `verify_events_a_second`; `cold_start_seconds` until the first answer of a new process
  on the old database, `cold_action_seconds` until it has done an action in that world, and `cold_idle_mb` at first.
* `scale`, by database and page: the medians in ms of who sees little, all, and without a scope; the time at full size
  over that at a hundredth, and over the same without a scope.
* `aims`: what is aimed at on which database, with the path in this JSON, the bound, what was found, whether it is met.
"""

import argparse
import json
import sys
from pathlib import Path

from bench.page import write_page
from bench.report import show
from bench.running import FULL, PARTS, QUICK, USUAL, measured


def main() -> int:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure the product beside a bare endpoint.")
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--quick", action="store_true", help="only actions of 64 clients, in under a minute")
    extent.add_argument("--full", action="store_true", help="logs of 1,000,000 events; takes more than an hour")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be given again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save all figures")
    parser.add_argument("--docs", action="store_true", help="write tables and plots into docs/")
    parser.add_argument("--from", dest="saved", type=Path, metavar="FILE", help="measure nothing, show what was saved")
    options = parser.parse_args()
    plan = QUICK if options.quick else FULL if options.full else USUAL
    if options.saved is not None:
        report = json.loads(options.saved.read_text(encoding="utf-8"))
    else:
        report = measured(plan.only(options.only) if options.only else plan, _say)
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if options.docs:
        write_page(report)
    show(report)
    return 0


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


if __name__ == "__main__":
    sys.exit(main())
