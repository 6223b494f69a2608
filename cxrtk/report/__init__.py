"""Numbers and pictures -> one web page that needs nothing but itself.

`data_uri` and `pictures` turn bytes and arrays into what a page can hold, `page` puts a template together;
a module a kind of folder (`segmented`) says what is on its page, and `kinds` which folder is which.
"""
