"""Files that people have -> the points to learn from.

`decoding` makes text of bytes, `rows` cuts it, `table` finds the columns and their names, `cells`
reads numbers, `columns` and `classes` say which columns can be x and y, `points` takes them, and
`parsing` does all of it. `scaling` standardises x, where that is asked for.
"""
