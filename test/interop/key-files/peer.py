"""Keys of ML-DSA-87 as the package cryptography has them: make, read and verify
of peer.mjs, with the same lines of JSON. Python 3.9 or later, with the packages
of requirements.txt in a virtual environment.
"""

import base64
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA87PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)


def private_pem(key, passphrase=None):
    encryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def public_pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def make(request):
    key = MLDSA87PrivateKey.generate()
    return {"pem": private_pem(key, request.get("passphrase")), "publicPem": public_pem(key)}


def read(request):
    passphrase = request.get("passphrase")
    key = load_pem_private_key(request["pem"].encode(), passphrase and passphrase.encode())
    signature = key.sign(base64.b64decode(request["message"]))
    return {
        "pem": private_pem(key),
        "publicPem": public_pem(key),
        "signature": base64.b64encode(signature).decode(),
    }


def verify(request):
    key = load_pem_public_key(request["publicPem"].encode())
    try:
        key.verify(base64.b64decode(request["signature"]), base64.b64decode(request["message"]))
    except InvalidSignature:
        return {"valid": False}
    return {"valid": True}


OPERATIONS = {"make": make, "read": read, "verify": verify}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = OPERATIONS[request["op"]](request)
    except Exception as error:  # the test sees it
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps({"id": request["id"], **answer}), flush=True)
