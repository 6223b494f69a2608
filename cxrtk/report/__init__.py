"""Reports: tables and figures of an output folder as one self-contained web page.

`data_uri` and `pictures` convert bytes and arrays for embedding, `page` renders a template; one module per
kind of folder (such as `segmented`) builds the content of its page, and `kinds` identifies the kind of a
folder.
"""
