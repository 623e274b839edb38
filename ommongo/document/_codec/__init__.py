"""
Functions that load, store and make documents, written for each class on first use.

They are straight-line source: type checks for the library's own fields, calls for any field class
that an application wrote. Their results equal those of the interpreted path (`interpreted` in this
room); on any surprise they leave the work to it, and it raises the precise error. The source is in
`linecache`, so tracebacks show it.
"""

from ommongo.document._codec.codec import Codec

__all__ = ["Codec"]
