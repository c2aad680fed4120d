"""plotly.js with the traces that we draw and nothing else, cut from the installed package.

The package's file is a bundle by esbuild: one statement a module, each a function that is called
when another module first asks for it, and a last module that registers every kind of trace. With
fewer kinds registered, most modules are never asked for.
"""

import re
from pathlib import Path

import plotly

__all__ = ["TRACES", "full_bundle", "trimmed"]

TRACES = ("heatmap", "histogram")
"""The kinds of trace that we draw beside scatter, which is always there."""

BODY = re.compile(r"var Plotly=\(\(\)=>\{(.*)return ([\w$]+)\(\);\}\)\(\);", re.DOTALL)
WRAPPER = re.compile(r"[ ,;]([\w$]+)=\([\w,]+\)=>\(\)=>\{")
NAME = re.compile(r"(?<![\w$])(?<!(?<!\.\.)\.)[A-Za-z_$][\w$]*")  # no property, but what is spread
REGISTERED = re.compile(r"\.register\(\[([\w$(),]+)\]\)")
KIND = re.compile(r'moduleType:"trace",name:"(\w+)"')
PASSED_ON = re.compile(r"exports=([\w$]+)\(\)\}\);$")


def full_bundle() -> Path:
    """plotly.js as the installed package has it."""
    return Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


def trimmed(bundle: str, traces: tuple[str, ...] = TRACES) -> str:
    """The bundle without the modules that these kinds of trace do not need.

    Raises ValueError where the bundle does not have the shape that this module knows.
    """
    body = BODY.search(bundle)
    if body is None:
        raise ValueError("plotly.js is not the bundle that was expected: it returns no last module")
    entry = body[2]
    head, *modules = _statements(body[1])
    texts = {_names(module): module for module in modules}
    if entry not in texts or not all(module.endswith("});") for module in modules):
        raise ValueError("plotly.js is not the bundle that was expected: its modules are not apart")
    texts[entry] = _registering(texts[entry], traces, texts)
    needed = _reached(entry, texts)
    kept = "".join(text for names, text in texts.items() if names in needed)
    return bundle[: body.start(1)] + head + kept + bundle[body.end(1) :]


def _statements(body: str) -> list[str]:
    """What stands before the modules, then each module's statement."""
    start = body.find(";var", body.find("exports:{}"))
    wrappers = "|".join(map(re.escape, WRAPPER.findall(body, 0, start)))
    return re.split(rf"(?<=;)(?=var [\w$,]+=(?:{wrappers})\()", body)


def _names(module: str) -> str:
    """The names that a module's statement declares, with commas between."""
    return module.removeprefix("var ").partition("=")[0]


def _registering(entry: str, traces: tuple[str, ...], texts: dict[str, str]) -> str:
    """The last module, registering these traces only."""
    found = REGISTERED.search(entry)
    if found is None:
        raise ValueError("plotly.js is not the bundle that was expected: it registers no traces")
    kinds = {}
    for call in found[1].split(","):
        text = texts.get(call.removesuffix("()"), "")
        while (kind := KIND.search(text)) is None and (passed_on := PASSED_ON.search(text)):
            text = texts.get(passed_on[1], "")
        if kind is not None:
            kinds[kind[1]] = call
    if missing := [trace for trace in traces if trace not in kinds]:
        raise ValueError(f"plotly.js is not the bundle that was expected: no {', '.join(missing)}")
    wanted = ",".join(kinds[trace] for trace in traces)
    return entry[: found.start(1)] + wanted + entry[found.end(1) :]


def _reached(entry: str, texts: dict[str, str]) -> set[str]:
    """Every module that can be asked for, from the last one on."""
    owner = {name: names for names in texts for name in names.split(",")}
    reached, waiting = {entry}, [entry]
    while waiting:
        for name in set(NAME.findall(texts[waiting.pop()])):
            names = owner.get(name)
            if names is not None and names not in reached:
                reached.add(names)
                waiting.append(names)
    return reached
