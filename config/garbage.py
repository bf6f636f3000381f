"""How often Python looks for cycles among the objects of a process that keeps many."""

import gc

# The default looks at young objects after every 700, and at all of them every so often. A watcher
# keeps hundreds of thousands of lots without one cycle among them: that took a fifth of its time.
OBJECTS, YOUNG, MIDDLE = 100_000, 50, 100


def collect_seldom() -> None:
    """For workers. Memory is freed as before; only cycles wait longer."""
    gc.collect()
    gc.freeze()  # what was loaded stays: it is not looked at again
    gc.set_threshold(OBJECTS, YOUNG, MIDDLE)
