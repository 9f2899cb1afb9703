"""The campaign: ``python -m tests.faults.campaign [TRIALS] [SEED]``, or ``make faults``.

Runs commands over a small library while one of their calls to the system fails: killed before or
after it or in the middle of a write, an I/O error, a full disk, too many open files, a short write,
another program writing the same sidecar. Prints how many trials, faults by kind, and what was
lost; exits 1 where anything was.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

from tests.faults.campaign.shim import trials_of


def main() -> int:
    """Run the campaign and print its figures."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    faults: Counter[str] = Counter()
    scenarios: Counter[str] = Counter()
    lost = 0
    for number, trial in enumerate(trials_of(trials, seed), start=1):
        faults[trial["fault"]] += 1
        scenarios[trial["scenario"]] += 1
        if trial["problems"]:
            lost += 1
            print(json.dumps(trial), flush=True)
        if number % 100 == 0:
            print(f"{number} trials, {lost} with something lost", file=sys.stderr, flush=True)
    print(f"{faults.total()} trials (seed {seed}), {lost} with something lost")
    for counted in (faults, scenarios):
        print("  " + ", ".join(f"{name} {count}" for name, count in sorted(counted.items())))
    return int(lost > 0 or faults.total() < trials)


if __name__ == "__main__":
    sys.exit(main())
