"""The zoo as a page, in which models run in the browser.

`describe` says of a model, by its abilities, what a page can do with it, and
writes its networks for onnxruntime-web; `site` writes the page as a folder or
as one file, `server` shows it on this machine. The page is in `page/`.
"""
