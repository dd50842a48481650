"""The desk and the try room, in a browser. Rendered here; works without JavaScript; nothing is loaded from elsewhere.

site.py         what the pages draw on, and the routes of all pages
viewer.py       who looks: session, role, language
security.py     headers, CSRF, where one may go
sign_in.py      one-time links, OpenID Connect
channel.py      the browser as a channel of the durable road, and how a page speaks on it
live.py         what changes while one looks (server-sent events)
page.py         templates, text as HTML
*_pages.py      one file a page
"""
