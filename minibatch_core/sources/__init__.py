"""The sources of data: a file each, found by its being here."""

from minibatch_core.records import Records, records_of
from minibatch_core.sources.record import Source

__all__ = ["SOURCES", "Source"]

SOURCES: Records[Source] = records_of(__name__, "source")
