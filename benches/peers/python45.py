"""The Python package `authing` 4.5.18: `URL MODE COUNT`."""

import sys

import measure
from authing.v2.management import ManagementClient, ManagementClientOptions

admin = ManagementClient(ManagementClientOptions("59f86b4832eb28071bdd9214", "secret", host=sys.argv[1]))
measure.run(lambda limit: admin.users.list(1, limit)["list"], admin.users.detail, "id")
