"""pip install authing==5.1.0 cryptography, then: python python.py attacks.json"""
import json
import sys
from importlib.metadata import version

from authing import AuthenticationClient

with open(sys.argv[1]) as file:
    given = json.load(file)
client = AuthenticationClient(
    app_id=given["app"], app_secret=given["secret"], app_host=given["host"],
    redirect_uri="https://app.example/callback",
)
print("authing", version("authing"), "introspect_token_offline, with PyJWT", version("PyJWT"))
for name, token in given["access"].items():
    try:
        client.introspect_token_offline(token, server_jwks=given["jwks"])
        print("  accepted ", name)
    except Exception as error:
        print("  refused  ", f"{name}: {type(error).__name__}: {error}")
