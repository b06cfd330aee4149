#!/usr/bin/python3
"""Reads a Tacit vault without Tacit: written from daemon/vault/FORMAT.md alone.

  read_vault.py FOLDER --passphrase-file F | --recovery-key-file F | --key-file F

Prints every version of every item as JSON, values in base64. It stops at the first thing that is
not as the specification says. Needs python3-nacl (XChaCha20-Poly1305 and Argon2id).
"""
import argparse, base64, hashlib, json, pathlib, shutil, sqlite3, struct, sys, tempfile

from nacl import bindings as sodium


def need(condition, what):
    if not condition:
        raise SystemExit(f"read_vault.py: {what}")


def label(text):
    return text.encode().ljust(16, b"\0")


def tag(key, *inputs, size=32):
    hashed = hashlib.blake2b(digest_size=size, key=key)
    for part in inputs:
        hashed.update(struct.pack("<Q", len(part)) + part)
    return hashed.digest()


def unbox(key, aad, box):
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(box[24:], aad, box[:24], key)


def unpad(padded):
    plain = padded.rstrip(b"\0")
    need(plain.endswith(b"\x80"), "bad padding")
    return plain[:-1]


class Reader:
    """Takes fields off a record; whatever is left over at the end is an error."""

    def __init__(self, data):
        self.data = data

    def take(self, form):
        size = struct.calcsize("<" + form)
        need(len(self.data) >= size, "a record is cut short")
        values, self.data = struct.unpack("<" + form, self.data[:size]), self.data[size:]
        return values if len(values) > 1 else values[0]

    def done(self):
        need(not self.data, "a record has bytes left over")


def recovery_bytes(text):
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    text = text.upper().translate(str.maketrans("OIL", "011", " \t\r\n-"))
    need(len(text) == 56 and set(text) <= set(alphabet), "not a recovery key")
    number = 0
    for character in text:
        number = number << 5 | alphabet.index(character)
    raw = number.to_bytes(35, "big")
    check = hashlib.blake2b(b"tacit-v1 recovery" + raw[:32], digest_size=32).digest()
    need(check[:3] == raw[32:], "the recovery key is mistyped")
    return raw[:32]


def open_slot(kind, secret, body, vault_id):
    slot_kind, _, salt, memory, passes, commitment, nonce, wrapped = struct.unpack(
        "<Bq16sQI32s24s48s", body)
    if slot_kind != kind:
        return None
    if kind == 1:
        need(64 << 20 <= memory <= 2 << 30 and memory % 1024 == 0 and 1 <= passes <= 64,
             "a slot's cost is out of range")
        derived = sodium.crypto_pwhash_alg(64, secret, salt, passes, memory,
                                           sodium.crypto_pwhash_ALG_ARGON2ID13)
    else:
        person = b"tacit-v1-recover" if kind == 2 else b"tacit-v1-keyfile"
        derived = hashlib.blake2b(secret, digest_size=64, salt=salt, person=person).digest()
    if derived[32:] != commitment:
        return None
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        wrapped, label("tacit-v1 slot") + vault_id + body[:69], nonce, derived[:32])


class Vault:
    def __init__(self, database, kind, secret):
        self.rows = lambda sql: database.execute(sql).fetchall()
        need(self.rows("PRAGMA application_id") == [(0x54434954,)], "not a vault")
        need(self.rows("PRAGMA user_version") == [(1,)], "not format 1")
        ((_, body, ring, header_mac),) = self.rows("SELECT * FROM header")
        magic, form, least, self.id, _, flags = struct.unpack("<8sHH16sqI", body)
        need((magic, form, least, flags & ~1) == (b"TACITVLT", 1, 1, 0), "unknown header")
        slots = self.rows("SELECT id, body FROM slot ORDER BY id")
        root = next(filter(None, (open_slot(kind, secret, b, self.id) for _, b in slots)), None)
        need(root, "no slot opens with that")
        self.key = {name: hashlib.blake2b(digest_size=32, key=root, salt=struct.pack("<QQ", i, 0),
                                          person=b"tacit-v1" + bytes(8)).digest()
                    for i, name in enumerate("ring name coll attr hdr state set anchor audit log"
                                             .split(), 1)}
        versions = struct.pack("<II", 0x54434954, 1)
        indexed = [struct.pack("<I", i) + b for i, b in slots]
        need(header_mac == tag(self.key["hdr"], versions, body, ring, *indexed), "header MAC")
        self.check_state(header_mac)
        entries = Reader(unbox(self.key["ring"], label("tacit-v1 ring") + self.id, ring))
        self.dek = dict(entries.take("I32s") for _ in range(entries.take("B")))
        entries.done()

    def check_state(self, header_mac):
        ((_, sealed),) = self.rows("SELECT * FROM state")
        state = Reader(unbox(self.key["state"], label("tacit-v1 state") + self.id, sealed))
        layout, _, _ = state.take("HQ16s")
        need(layout == 1, "unknown state")
        for number, table in enumerate("name item attribute collection policy slot".split(), 1):
            rows = self.rows(f"SELECT * FROM {table}")
            lanes = [0] * 8
            for row in rows:
                parts = [struct.pack("<Q", c) if isinstance(c, int) else c for c in row]
                element = tag(self.key["set"], bytes([number]), *parts, size=64)
                lanes = [(a + b) % 2**64 for a, b in zip(lanes, struct.unpack("<8Q", element))]
            need(list(state.take("Q8Q")) == [len(rows)] + lanes, f"rows of {table} were changed")
        need(state.take("32s") == header_mac, "the header was changed")
        first, following, chain, head = state.take("QQ32s32s")
        audit = self.rows("SELECT sequence, sealed FROM audit ORDER BY sequence")
        need([n for n, _ in audit] == list(range(first, following)), "audit records are missing")
        self.audit = []
        for sequence, sealed_record in audit:
            plain = unpad(unbox(self.key["log"], self.aad(6, 0, bytes(16), sequence), sealed_record))
            need(plain[:32] == chain, "an audit record repeats another chain")
            self.audit.append((sequence, plain[32:]))
            chain = tag(self.key["audit"], chain, struct.pack("<Q", sequence), sealed_record)
        need(chain == head, "the audit chain was changed")

    def aad(self, part, term, subject, number=0, collection=bytes(16), row_tag=bytes(32)):
        return (label("tacit-v1 row") + self.id + struct.pack("<BI", part, term) + subject
                + struct.pack("<Q", number) + collection + row_tag)

    def audit_record(self, sequence, body):
        record = Reader(body)

        def text():
            return record.take(f"{record.take('H')}s").decode()
        layout, verdict, verb, flags, time, last, count, lost = record.take("BBBBqqQQ")
        need(layout in (1, 2) and 1 <= verdict <= 3 and verb <= 4 and flags < 4 and count,
             "unknown audit record")
        told = dict(sequence=sequence, verdict=verdict, verb=verb, time=time, last_time=last,
                    count=count, lost=lost, method=text(), rule=text(), event=text())
        if layout == 2:
            told["change"] = text()
        if flags & 1:
            item_tag, told["collection"], told["name"] = record.take("32s"), text(), text()
            need(item_tag == tag(self.key["audit"], b"item", told["collection"].encode(),
                                 told["name"].encode()), "an audit record's tag")
            need(told["collection"], "an item without a collection")
        older = not told.get("change") and told.get("name") != ""
        need((layout == 1) == older, "an audit record is not in its layout")
        if flags & 2:
            programs, told["asking"] = record.take("BB")
            told["programs"] = []
            for _ in range(programs):
                pid, start, file_flags = record.take("IQB")
                need(file_flags < 4, "unknown flags of a program")
                told["programs"].append(dict(pid=pid, start_time=start, flags=file_flags,
                                             executable=text(), script=text()))
            for name in ("terminal", "folder", "unit", "agent", "unknown_because"):
                told[name] = text()
        record.done()
        return told

    def version(self, item, number, term, nonce, mac, sealed):
        record = Reader(unpad(unbox(self.dek[term], self.aad(1, term, item, number), sealed)))
        layout, flags, policy, created, modified, expires, size = record.take("BBBqqqI")
        need(layout == 1 and flags in (0, 1), "unknown record")
        content_type = record.take(f"{record.take('B')}s").decode()
        attributes = {}
        for _ in range(record.take("B")):
            key = record.take(f"{record.take('H')}s").decode()
            attributes[key] = record.take(f"{record.take('H')}s").decode()
        record.done()
        version = dict(version=number, deleted=flags == 1, policy=policy, created=created,
                       modified=modified, expires=expires, content_type=content_type,
                       attributes=attributes)
        if flags != 1:
            ((data,),) = self.rows(f"SELECT data FROM value WHERE item = x'{item.hex()}' "
                                   f"AND version = {number}")
            value = unpad(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
                data + mac, self.aad(2, term, item, number), nonce, self.dek[term]))
            need(len(value) == size, "a value's size")
            version["value"] = base64.b64encode(value).decode()
        return version

    def items(self):
        collections = {}
        for row_tag, identity, term, sealed in self.rows("SELECT * FROM collection"):
            aad = self.aad(4, term, identity, row_tag=row_tag)
            record = Reader(unpad(unbox(self.dek[term], aad, sealed)))
            record.take("BB16s")
            name = record.take(f"{record.take('H')}s")
            record.done()
            need(row_tag == tag(self.key["coll"], name), "a collection's tag")
            collections[identity] = name.decode()
        for collection, row_tag, item, live, term, sealed in self.rows("SELECT * FROM name"):
            aad = self.aad(3, term, item, live, collection, row_tag)
            name = unpad(unbox(self.dek[term], aad, sealed))
            need(row_tag == tag(self.key["name"], collection, name), "a name's tag")
            rows = self.rows("SELECT version, term, nonce, mac, sealed FROM item "
                             f"WHERE item = x'{item.hex()}' ORDER BY version DESC")
            versions = [self.version(item, *row) for row in rows]
            tags = {t for (t,) in self.rows(
                f"SELECT tag FROM attribute WHERE item = x'{item.hex()}'")}
            expected = {tag(self.key["attr"], k.encode(), v.encode())
                        for k, v in versions[0]["attributes"].items()} if live else set()
            need(tags == expected, "an item's attribute rows")
            yield dict(collection=collections[collection], name=name.decode(), live=bool(live),
                       versions=versions)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    group = parser.add_mutually_exclusive_group(required=True)
    for option in ("--passphrase-file", "--recovery-key-file", "--key-file"):
        group.add_argument(option, type=pathlib.Path)
    parser.add_argument("--audit", action="store_true", help="the audit log instead of the items")
    options = parser.parse_args()
    if options.passphrase_file:
        kind, secret = 1, options.passphrase_file.read_bytes().removesuffix(b"\n")
    elif options.recovery_key_file:
        kind, secret = 2, recovery_bytes(options.recovery_key_file.read_text())
    else:
        kind, secret = 3, options.key_file.read_bytes()
    current = (options.folder / "CURRENT").read_text().removesuffix("\n")
    with tempfile.TemporaryDirectory() as scratch:
        for name in (current, current + "-wal"):
            if (options.folder / name).exists():
                shutil.copy(options.folder / name, scratch)
        database = sqlite3.connect(pathlib.Path(scratch) / current)
        vault = Vault(database, kind, secret)
        items = sorted(vault.items(), key=lambda item: (item["collection"], item["name"]))
        log = [vault.audit_record(*record) for record in vault.audit]
        database.close()
    json.dump(log if options.audit else items, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
