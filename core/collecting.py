"""When Python looks for rings of objects that nobody holds any more, and when it need not."""

import gc

#: A page makes some thousands of objects and lets go of nearly all by itself: nobody looks for rings amidst of it.
_NEW_OBJECTS = 20_000


def settle() -> None:
    """For a process that has loaded everything and serves from now on: what is there by now stays for good.

    The garbage collector, which goes through all objects over and over, then leaves those out.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
