"""A user who logs in and agrees, or does not, on the provider's own pages: their forms are read and
sent by HTTP, without a browser."""

import html.parser
import http.cookiejar
import ssl
import urllib.error
import urllib.parse
import urllib.request

PAGES = 12  # more than the way has


class _Forms(html.parser.HTMLParser):
    """The forms of a page: where they go and what they say, and the buttons that send them."""

    def __init__(self, page):
        super().__init__()
        self.forms = []
        self.buttons = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.forms.append((attrs.get("action", ""), {}))
        elif tag == "input" and attrs.get("name") and self.forms:
            self.forms[-1][1][attrs["name"]] = attrs.get("value") or ""
        elif tag == "button":
            self.buttons.append((attrs.get("name"), attrs.get("value") or ""))


def _answer(fields, parsed, user_code, agree):
    """Fills in a form as a user would. None: the user leaves here."""
    if "login" in fields:
        return {**fields, "login": "ada", "password": "of no account"}
    if fields.get("user_code") == "":
        return {**fields, "user_code": user_code}
    for name, value in parsed.buttons:
        if name == "abort" and not agree:
            return {**{key: text for key, text in fields.items() if key != "confirm"}, name: value}
    return fields


def approve(verification_uri, user_code, ca_file=None, agree=True, proxy=None):
    """With the complete URI no code is typed. Returns the last page's text."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"https": proxy} if proxy else {}),
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_file)))
    target, form = verification_uri, None
    for _ in range(PAGES):
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            with opener.open(target, data, timeout=30) as page:
                address, text = page.url, page.read().decode()
        except urllib.error.HTTPError as refused:  # the page that says "interrupted" has 4xx
            return refused.read().decode()
        parsed = _Forms(text)
        if not parsed.forms or "interrupted" in text:
            return text
        action, fields = parsed.forms[0]
        form = _answer(fields, parsed, user_code, agree)
        target = urllib.parse.urljoin(address, action)
    raise AssertionError(f"the pages never end: {target}")
