"""The live page's machinery: the application, its server and guard, live refresh, and the parts that pages are made of.

What each page shows is in ``dashboard.pages``, one file a page. Dash lives in these two folders alone.
"""
