"""Settings as the text of an address, and back: what differs from the defaults, key by key."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from minibatch_core.settings import DataSettings, Settings, TrainSettings
from minibatch_core.settings.fields import describe, told

__all__ = ["from_address", "to_address"]


def to_address(settings: Settings) -> str:
    """What an address says of settings: each value that is not the default, by its short key.

    >>> to_address(Settings(train=TrainSettings(optimizer="adamw", batch_size=10)))
    'opt=AdamW&bs=10'
    """
    spelled = [
        (setting.key, setting.spell(getattr(part, name)))
        for part, default in ((settings.data, DataSettings()), (settings.train, TrainSettings()))
        for name, setting in describe(part).items()
        if getattr(part, name) != getattr(default, name)
    ]
    return urlencode(spelled)


def from_address(text: str) -> Settings:
    """The settings that `to_address` has spelled.

    Raises ValueError for a key that is none, a value that can't be, or values that can't be
    together.

    >>> from_address("opt=AdamW&bs=10").train.optimizer
    'adamw'
    """
    parts: dict[type, dict[str, Any]] = {DataSettings: {}, TrainSettings: {}}
    fields = {
        setting.key: (part, name, setting)
        for part in parts
        for name, setting in describe(part).items()
    }
    for key, value in parse_qsl(text, keep_blank_values=True):
        if key not in fields:
            raise ValueError(f"no setting has the key {told(key)}; leave it out")
        part, name, setting = fields[key]
        parts[part][name] = setting.parse(value)
    return Settings(DataSettings(**parts[DataSettings]), TrainSettings(**parts[TrainSettings]))
