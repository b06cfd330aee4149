#!/usr/bin/env python3
"""grpc_get.py SOCKET NAME: reads one secret with stock gRPC for Python, without libtacit."""
import sys
import grpc
from tacit.v1 import common_pb2, secrets_pb2, secrets_pb2_grpc

socket, name = sys.argv[1:]
with grpc.insecure_channel(f"unix:{socket}") as channel:
    secrets = secrets_pb2_grpc.SecretsStub(channel)
    try:
        request = secrets_pb2.GetRequest(item=common_pb2.ItemRef(name=name))
        sys.stdout.buffer.write(secrets.Get(request, timeout=10).value)
    except grpc.RpcError as error:
        reason = dict(error.trailing_metadata() or ()).get("tacit-reason", "UNSPECIFIED")
        sys.exit(f"{error.details()} ({reason}, {error.code().name})")
