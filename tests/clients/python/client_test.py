"""A client by stock python3-grpcio: the contract is plain gRPC.

Called with the folder of the generated stubs and the socket of a daemon without a vault.
"""
import sys
import unittest

STUBS, SOCKET = sys.argv[1], sys.argv[2]
sys.path.insert(0, STUBS)

import grpc  # noqa: E402
from tacit.v1 import secrets_pb2, secrets_pb2_grpc  # noqa: E402
from tacit.v1 import common_pb2, session_pb2, session_pb2_grpc  # noqa: E402

DEADLINE = 60
EVERY_BYTE = bytes(range(256))


class Contract(unittest.TestCase):
    """One conversation; unittest runs its steps in the order of their names."""

    @classmethod
    def setUpClass(cls):
        cls.channel = grpc.insecure_channel("unix:" + SOCKET)
        cls.session = session_pb2_grpc.SessionStub(cls.channel)
        cls.secrets = secrets_pb2_grpc.SecretsStub(cls.channel)
        cls.passphrase = common_pb2.Credential(passphrase=b"correct horse")

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()

    def state(self):
        return self.session.Status(session_pb2.StatusRequest(), timeout=DEADLINE).state

    def unlock(self, credential):
        return self.session.Unlock(session_pb2.UnlockRequest(credential=credential),
                                   timeout=DEADLINE)

    def lock(self):
        return self.session.Lock(session_pb2.LockRequest(), timeout=DEADLINE)

    def get(self, name):
        request = secrets_pb2.GetRequest(item=common_pb2.ItemRef(name=name))
        return self.secrets.Get(request, timeout=DEADLINE)

    def set(self, name, value):
        request = secrets_pb2.SetRequest(item=common_pb2.ItemRef(name=name), value=value)
        return self.secrets.Set(request, timeout=DEADLINE)

    def assert_fails(self, code, reason, call, *arguments):
        with self.assertRaises(grpc.RpcError) as raised:
            call(*arguments)
        error = raised.exception
        self.assertEqual(error.code(), code, error.details())
        self.assertEqual(dict(error.trailing_metadata())["tacit-reason"], reason)
        self.assertTrue(error.details())

    def test_1_status_before_there_is_a_vault(self):
        status = self.session.Status(session_pb2.StatusRequest(), timeout=DEADLINE)
        self.assertEqual(status.state, session_pb2.VAULT_STATE_NONE)
        self.assertEqual(status.socket_path, SOCKET)
        self.assert_fails(grpc.StatusCode.FAILED_PRECONDITION, "NO_VAULT", self.get, "name")

    def test_2_create_leaves_it_unlocked(self):
        request = session_pb2.CreateRequest(credentials=[self.passphrase], with_recovery_key=True)
        self.assertTrue(self.session.Create(request, timeout=DEADLINE).recovery_key)
        self.assertEqual(self.state(), session_pb2.VAULT_STATE_UNLOCKED)

    def test_3_lock_and_unlock(self):
        self.assertFalse(self.lock().already_locked)
        self.assert_fails(grpc.StatusCode.FAILED_PRECONDITION, "LOCKED", self.get, "name")
        wrong = common_pb2.Credential(passphrase=b"wrong")
        self.assert_fails(grpc.StatusCode.UNAUTHENTICATED, "WRONG_CREDENTIAL", self.unlock, wrong)
        self.assertFalse(self.unlock(self.passphrase).already_unlocked)

    def test_4_set_get_list(self):
        self.assertEqual(self.set("bytes", EVERY_BYTE).version, 1)
        reply = self.get("bytes")
        self.assertEqual(reply.value, EVERY_BYTE)
        self.assertEqual(reply.metadata.item.collection, "default")
        self.set("empty", b"")
        self.assertEqual(self.get("empty").value, b"")
        replies = self.secrets.List(secrets_pb2.ListRequest(), timeout=DEADLINE)
        names = [item.item.name for reply in replies for item in reply.items]
        self.assertEqual(names, ["bytes", "empty"])

    def test_5_errors_have_reasons(self):
        self.assert_fails(grpc.StatusCode.NOT_FOUND, "NOT_FOUND", self.get, "absent")
        self.assert_fails(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", self.get, "")
        self.assert_fails(grpc.StatusCode.INVALID_ARGUMENT, "VALUE_TOO_LARGE", self.set, "name",
                          bytes(768 * 1024 + 1))

    def test_6_batch(self):
        wanted = [secrets_pb2.GetRequest(item=common_pb2.ItemRef(name=name))
                  for name in ("bytes", "absent")]
        request = secrets_pb2.GetBatchRequest(items=wanted)
        first, second = self.secrets.GetBatch(request, timeout=DEADLINE)
        self.assertEqual(first.item.value, EVERY_BYTE)
        self.assertEqual(second.reason, common_pb2.REASON_NOT_FOUND)

    def test_7_watch_until_the_lock(self):
        watch = self.secrets.Watch(secrets_pb2.WatchRequest(), timeout=DEADLINE)
        self.assertEqual(next(watch).kind, secrets_pb2.CHANGE_KIND_READY)
        self.set("watched", b"v")
        change = next(watch)
        self.assertEqual((change.kind, change.item.name, change.version),
                         (secrets_pb2.CHANGE_KIND_SET, "watched", 1))
        self.lock()
        self.assert_fails(grpc.StatusCode.FAILED_PRECONDITION, "LOCKED", next, watch)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
