"""Microsoft's library for credentials (azure-identity), pointed at the tenant in a box: each way to sign in, and back."""

import json
import logging
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

from azure.core.credentials import TokenCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from steps import Box, Steps, equal

GRAPH = "https://graph.microsoft.com/.default"
PASSWORD = "tenant-in-a-box"
STRANGER = "00000000-0000-0000-0000-000000000001"

# Refusals are expected here, and the library would log each.
logging.disable()

steps = Steps()


class Context:
    """The credentials. Each is made anew: the library keeps the tokens of those it has made."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.tls = ssl.create_default_context(cafile=box.ca)
        self.common = {
            "authority": box.url,
            "disable_instance_discovery": True,
            "connection_verify": box.ca,
            "retry_total": 0,
        }

    def secret(self, secret: str) -> TokenCredential:
        return ClientSecretCredential(self.box.tenant_id, self.box.client_id, secret, **self.common)

    def certificate(self, name: str, password: str | None = None) -> TokenCredential:
        file = str(Path(self.box.data) / name)
        return CertificateCredential(
            self.box.tenant_id, self.box.client_id, certificate_path=file, password=password, **self.common
        )

    def federated(self) -> TokenCredential:
        return WorkloadIdentityCredential(
            tenant_id=self.box.tenant_id,
            client_id=self.box.client_id,
            token_file_path=self.box.federated_token,
            **self.common,
        )

    def app_service(self, client_id: str | None = None) -> TokenCredential:
        """The managed identity as App Service and Functions tell the programs that they run."""
        os.environ |= {"IDENTITY_ENDPOINT": f"{self.box.url}/msi/token", "IDENTITY_HEADER": self.box.identity_header}
        return ManagedIdentityCredential(client_id=client_id, connection_verify=self.box.ca, retry_total=0)

    def machine(self, client_id: str | None = None) -> TokenCredential:
        """The managed identity of a virtual machine, at an address of our own."""
        os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = self.box.url
        for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
            os.environ.pop(name, None)
        return ManagedIdentityCredential(client_id=client_id, connection_verify=self.box.ca, retry_total=0)

    def control(self, method: str, body: object) -> None:
        """Takes a credential away, or gives all back."""
        headers = {"content-type": "application/json"}
        request = Request(self.box.url + "/_tenant/revoke", json.dumps(body).encode(), headers, method=method)
        with urlopen(request, context=self.tls) as answer:
            equal(answer.status, 204)


def good(context: Context, credential: TokenCredential, scope: str = GRAPH) -> None:
    """Fails unless the credential gets a token that Graph takes."""
    token = credential.get_token(scope).token
    request = Request(f"{context.box.url}/v1.0/users?$top=1", headers={"authorization": f"Bearer {token}"})
    with urlopen(request, context=context.tls) as answer:
        equal(len(json.load(answer)["value"]), 1)


def refused(credential: TokenCredential, expected: str) -> None:
    """Fails unless the credential is refused with this in the text."""
    try:
        credential.get_token(GRAPH)
    except ClientAuthenticationError as error:
        if expected not in str(error):
            raise AssertionError(f"expected {expected!r} in the error: {error}") from error
        return
    raise AssertionError(f"expected a refusal with {expected!r}")


@steps.step("client secret")
async def client_secret(context: Context) -> None:
    good(context, context.secret(context.box.client_secret))
    refused(context.secret("wrong"), "AADSTS7000215")
    refused(context.secret("tenant-in-a-box~expired"), "AADSTS7000222")


@steps.step("client certificate, as PEM")
async def pem(context: Context) -> None:
    good(context, context.certificate("test-only-client.pem"))
    refused(context.certificate("test-only-unknown-client.pem"), "AADSTS700027")
    refused(context.certificate("test-only-expired-client.pem"), "AADSTS700027")


@steps.step("client certificate, as PFX")
async def pfx(context: Context) -> None:
    good(context, context.certificate("test-only-client.pfx", PASSWORD))
    good(context, context.certificate("test-only-client-legacy.pfx", PASSWORD))


@steps.step("workload identity federation")
async def federation(context: Context) -> None:
    good(context, context.federated())


@steps.step("managed identity of App Service and Functions")
async def app_service(context: Context) -> None:
    good(context, context.app_service())
    good(context, context.app_service(context.box.client_id))
    refused(context.app_service(STRANGER), "No User Assigned or Delegated Managed Identity")


@steps.step("managed identity of a virtual machine")
async def machine(context: Context) -> None:
    good(context, context.machine())
    good(context, context.machine(context.box.client_id))
    refused(context.machine(STRANGER), "Identity not found")


@steps.step("tokens for the Graphs of the other clouds")
async def clouds(context: Context) -> None:
    for host in ("graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"):
        good(context, context.secret(context.box.client_secret), f"https://{host}/.default")


@steps.step("credentials that were taken away, and given back")
async def revoked(context: Context) -> None:
    cases: list[tuple[str, Callable[[], TokenCredential], str]] = [
        ("secret", lambda: context.secret(context.box.client_secret), "AADSTS7000215"),
        ("certificate", lambda: context.certificate("test-only-client.pem"), "AADSTS700027"),
        ("federation", context.federated, "AADSTS700211"),
        ("identity", context.app_service, "No User Assigned or Delegated Managed Identity"),
        ("identity", context.machine, "Identity not found"),
    ]
    for name, credential, expected in cases:
        context.control("POST", {"credential": name})
        refused(credential(), expected)
        context.control("DELETE", None)
        good(context, credential())


if __name__ == "__main__":
    steps.main(Context)
