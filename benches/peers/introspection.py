"""Prints what the server at URL answers to the clients' question for its schema."""

import json
import sys
import urllib.request

from graphql import introspection_query

question = urllib.request.Request(
    sys.argv[1] + "/graphql/v2",
    json.dumps({"query": introspection_query}).encode(),
    {"content-type": "application/json"},
)
with urllib.request.urlopen(question) as answer:
    sys.stdout.buffer.write(answer.read())
