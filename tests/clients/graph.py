"""What the scripts for msgraph-sdk share: the client that is pointed at the tenant in a box, and how to ask it."""

import json
import ssl
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.request import Request, urlopen

import httpx
from azure.identity import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import GraphClientFactory

from steps import Box, equal

Query = TypeVar("Query")
Value = TypeVar("Value")
Item_co = TypeVar("Item_co", covariant=True)

DOMAIN = "contoso.onmicrosoft.com"


class Page(Protocol[Item_co]):
    """What each list of the SDK comes as."""

    @property
    def value(self) -> list[Item_co] | None: ...


class Client:
    """The client, and where it is pointed."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.tls = ssl.create_default_context(cafile=box.ca)
        credential = ClientSecretCredential(
            box.tenant_id,
            box.client_id,
            box.client_secret,
            authority=box.url,
            disable_instance_discovery=True,
            connection_verify=box.ca,
        )
        provider = AzureIdentityAuthenticationProvider(
            credential, scopes=["https://graph.microsoft.com/.default"], allowed_hosts=["127.0.0.1"]
        )
        http = httpx.AsyncClient(verify=self.tls, http2=True, timeout=30)
        http = GraphClientFactory.create_with_default_middleware(client=http, options=options)
        adapter = GraphRequestAdapter(provider, http)
        adapter.base_url = f"{box.url}/v1.0"
        self.graph = GraphServiceClient(request_adapter=adapter)

    def control(self, method: str, path: str, body: bytes = b"") -> None:
        """Orders something of the tenant in a box that no Graph has."""
        request = Request(self.box.url + path, body, {"content-type": "application/json"}, method=method)
        with urlopen(request, context=self.tls) as answer:
            equal(answer.status, 204)

    def sample(self, name: str) -> Any:
        """What the sample tenant is made of."""
        return json.loads((Path(self.box.data) / name).read_text(encoding="utf-8"))

    def url(self, collection: str, key: str | None) -> str:
        """The address by which a body refers to an object."""
        return f"{self.box.url}/v1.0/{collection}/{some(key)}"

    def reference(self, collection: str, key: str | None) -> ReferenceCreate:
        """A body that is a reference to an object."""
        return ReferenceCreate(odata_id=self.url(collection, key))


def plain(query: Query) -> RequestConfiguration[Query]:
    """A request with these query options."""
    return RequestConfiguration(query_parameters=query, headers=HeadersCollection())


def advanced(query: Query) -> RequestConfiguration[Query]:
    """The same as an advanced query."""
    headers = HeadersCollection()
    headers.add("ConsistencyLevel", "eventual")
    return RequestConfiguration(query_parameters=query, headers=headers)


def some(value: Value | None) -> Value:
    """The value, which there has to be."""
    assert value is not None
    return value


def found(page: Page[Value] | None) -> list[Value]:
    """The objects on a page."""
    return some(some(page).value)


def ids(objects: list[Any]) -> list[str]:
    return [some(one.id) for one in objects]


def names(objects: list[Any]) -> list[str]:
    return [one.display_name or "" for one in objects]


async def refused(call: object, status: int) -> ODataError:
    """The error that a call ends with."""
    try:
        await call  # type: ignore[misc]
    except ODataError as error:
        equal(error.response_status_code, status)
        assert error.error is not None and error.error.code and error.error.message
        return error
    raise AssertionError("the call was expected to be refused")
