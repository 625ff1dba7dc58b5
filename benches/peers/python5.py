"""The Python package `authing` 5, for the v3 API: `URL MODE COUNT`."""

import sys

import measure
from authing import ManagementClient

admin = ManagementClient("59f86b4832eb28071bdd9214", "secret", host=sys.argv[1])


def users(limit):
    return admin.list_users(options={"pagination": {"page": 1, "limit": limit}})["data"]["list"]


measure.run(users, lambda id: admin.get_user(id)["data"], "userId")
