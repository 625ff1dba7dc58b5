"""Calls methods of an official client, one by one, and tells on standard output how each went.

A line is `ok`, `failed` or `skipped`, the client's method, and why it failed or was skipped, with tabs between.
"""

import base64
import hmac
import json
import os
import re
import struct
import time
import urllib.error
import urllib.parse
import urllib.request

HOST = os.environ["AUTHING_HOST"]
POOL = os.environ["AUTHING_USERPOOL_ID"]
SECRET = os.environ["AUTHING_USERPOOL_SECRET"]
APP = os.environ["AUTHING_APP_ID"]
APP_SECRET = os.environ["AUTHING_APP_SECRET"]
KEY = "\n".join(
    ["-----BEGIN PUBLIC KEY-----", os.environ["AUTHING_PUBLIC_KEY"], "-----END PUBLIC KEY-----"]
)


def tell(outcome, name, *why):
    print("\t".join([outcome, name, *(" ".join(text.split()) for text in why)]), flush=True)


def skip(name, why):
    tell("skipped", name, why)


class Client:
    """One client; its methods are named by their path, such as `users.create`."""

    def __init__(self, title, client):
        self.title = title
        self.client = client

    def method(self, name):
        found = self.client
        for part in name.split("."):
            found = getattr(found, part)
        return found

    def call(self, method, *args, check=None, **kwargs):
        """Must work. `check` gets the answer, and says whether it is the right one; without it, none must be a refusal."""
        title = "%s.%s" % (self.title, method)
        try:
            answer = self.method(method)(*args, **kwargs)
        except Exception as error:
            tell("failed", title, "%s: %s" % (type(error).__name__, error))
            return None
        try:
            right = (check or is_no_refusal)(answer)
        except Exception as error:
            tell("failed", title, "%r in %s" % (error, shortened(answer)))
            return answer
        if right:
            tell("ok", title)
        else:
            tell("failed", title, "answered " + shortened(answer))
        return answer

    def refused(self, code, method, *args, **kwargs):
        """Must be refused with this code."""
        title = "%s.%s: %s" % (self.title, method, code)
        try:
            answer = self.method(method)(*args, **kwargs)
        except Exception as error:
            found = getattr(error, "code", None)
            if found == code:
                tell("ok", title)
            else:
                tell("failed", title, "%s: %s" % (type(error).__name__, error))
            return
        tell("failed", title, "answered " + shortened(answer))


def is_no_refusal(answer):
    """Some methods hand the whole envelope to their callers; codes of roles and groups are text."""
    return not isinstance(answer, dict) or answer.get("code") in (None, 200) or isinstance(answer["code"], str)


def shortened(answer):
    return json.dumps(answer, default=str)[:300]


def code_sent_to(address):
    """The code of the newest message, which the emulator keeps in place of sending it."""
    with urllib.request.urlopen(HOST + "/_emulator/outbox") as answer:
        messages = json.load(answer)
    return [message["code"] for message in messages if message["to"] == address][-1]


def refusal_of(query, variables):
    """What the first error says of a request that no client makes."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(HOST + "/graphql/v2", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["errors"][0]["message"]


class Staying(urllib.request.HTTPRedirectHandler):
    """Goes nowhere, so that the address can be looked at."""

    def redirect_request(self, *_):
        return None


def redirect_of(url, form=None):
    """Where the server sends a browser to that opens this address, and the page that it shows."""
    body = urllib.parse.urlencode(form).encode() if form else None
    try:
        answer = urllib.request.build_opener(Staying).open(url, body)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.headers["location"], answer.read().decode()


def sign_in(url, account, password):
    """What a browser does at the login page that an application sends it to: the fields that come back to the application."""
    _, page = redirect_of(url)
    action = re.search('<form method="post" action="([^"]+)"', page).group(1)
    to, _ = redirect_of(HOST + action, {"account": account, "password": password})
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(to).query))


def totp(secret, steps=0):
    """The code of an authenticator app at this moment or some steps away, as RFC 6238 has it."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + steps), "sha1").digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return "%06d" % (number % 1000000)
