"""Makes a call again and again, and prints what one took: CPU and time, in microseconds.

The CPU is that of this process, of all its threads, in user and system mode.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

BEGAN = time.perf_counter_ns()
USER = "5f7ddfe62ba819802422362e"
WARM_UP = 5
AT_ONCE = 32


def run(users, user, key):
    """`users(limit)` gives a list, `user(id)` one of them; both have their id under `key`."""
    mode, count = sys.argv[2], int(sys.argv[3])

    def listed(limit):
        found = users(limit)
        if len(found) != limit or found[0][key] != USER:
            raise SystemExit("users are missing")

    def detailed():
        if user(USER)[key] != USER:
            raise SystemExit("another user")

    if mode == "cold":
        listed(10)
        # What the interpreter and the imports took is in it.
        tell(time.process_time_ns(), time.perf_counter_ns() - BEGAN, 1)
    elif mode == "at-once":
        with ThreadPoolExecutor(AT_ONCE) as pool:
            measured(lambda: list(pool.map(listed, [10] * AT_ONCE)), 1, count, AT_ONCE)
    elif mode == "detail":
        measured(detailed, WARM_UP, count)
    else:
        limit = {"list-10": 10, "list-100": 100}[mode]
        measured(lambda: listed(limit), WARM_UP, count)


def measured(call, warm_up, count, of=1):
    for _ in range(warm_up):
        call()
    cpu, clock = time.process_time_ns(), time.perf_counter_ns()
    for _ in range(count):
        call()
    tell(time.process_time_ns() - cpu, time.perf_counter_ns() - clock, count * of)


def tell(cpu, clock, calls):
    print(cpu // calls / 1000, clock // calls / 1000)
