"""Settings -> a Jupyter notebook that trains with them."""

import nbformat

from minibatch_core.export.script import cells_of
from minibatch_core.settings import Settings, SurfaceSettings

__all__ = ["to_notebook"]


def to_notebook(settings: Settings, surfaces: SurfaceSettings | None = None) -> str:
    """The same as a Jupyter notebook with plots: the text of an .ipynb file.

    The same settings give the same text.

    >>> nbformat.reads(to_notebook(Settings()), as_version=4).cells[0].cell_type
    'markdown'

    Source: nbformat 4.5.
    """
    parts = [nbformat.v4.new_markdown_cell(f"# Minibatches\n\n{_summary(settings)}")]
    for cell in cells_of(settings, surfaces):
        parts.append(nbformat.v4.new_markdown_cell(f"## {cell.title}"))
        parts.append(nbformat.v4.new_code_cell(cell.code))
        if cell.plot:
            parts.append(nbformat.v4.new_code_cell(cell.plot))
    for number, part in enumerate(parts):
        part["id"] = f"cell-{number}"  # nbformat would draw it at random
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = nbformat.v4.new_notebook(cells=parts, metadata={"kernelspec": kernel})
    nbformat.validate(notebook)
    return nbformat.writes(notebook)


def _summary(settings: Settings) -> str:
    train = settings.train
    return (
        f"One sigmoid unit trained on {settings.data.n:,} points in minibatches of "
        f"{train.batch_size:,}, for {train.epochs:,} epochs."
    )
