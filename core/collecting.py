"""When Python looks for rings of objects that nobody holds any more, and when it need not."""

import gc


def settle() -> None:
    """For a process that has loaded everything and serves from now on: what is there by now stays for good.

    The garbage collector, which goes through all objects over and over, then leaves those out.
    """
    gc.collect()
    gc.freeze()
