"""The Python package `authing` 4.2.0: `URL MODE COUNT [without-introspection]`."""

import sys

import measure
from authing.v2.common import graphql
from authing.v2.management import ManagementClient, ManagementClientOptions

if sys.argv[4:] == ["without-introspection"]:
    # It asks for the schema before each call, and has no option against that.
    with_introspection = graphql.Client
    graphql.Client = lambda transport, fetch_schema_from_transport: with_introspection(transport=transport)

options = ManagementClientOptions("59f86b4832eb28071bdd9214", "secret", host=sys.argv[1])
# It reads this before each call and sets it nowhere.
options.app_id = None
admin = ManagementClient(options)
measure.run(lambda limit: admin.users.list(1, limit)["list"], admin.users.detail, "id")
