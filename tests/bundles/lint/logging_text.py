"""A whole ``logging.conf`` in which tests put a handler, a formatter and more."""

TEXT = """{head}[loggers]
keys=root
[handlers]
keys=h
[formatters]
keys=f
[logger_root]
level={level}
handlers=h
[handler_h]
level=INFO
formatter=f
{handler}
[formatter_f]
format=%(asctime)s - %(name)s - %(message)s
datefmt=%H:%M
{formatter}
"""
