"""A third implementation of the four algorithms the addon offers, for the
interoperability tests: it does with kyber-py and dilithium-py, which are
written in Python alone, what the addon does with liboqs, so that a test can
make a key, a ciphertext or a signature on one side and use it on the other.

It reads one JSON object per line from standard input and writes one per line
to standard output, in the same order, until the input ends. Bytes are base64
strings (standard alphabet, with padding):

    {"id":1,"op":"keypair","algorithm":A,"seed":..}
        -> {"id":1,"publicKey":..,"secretKey":..}
    {"id":2,"op":"encapsulate","algorithm":A,"publicKey":..}
        -> {"id":2,"ciphertext":..,"sharedSecret":..}
    {"id":3,"op":"decapsulate","algorithm":A,"secretKey":..,"ciphertext":..}
        -> {"id":3,"sharedSecret":..}
    {"id":4,"op":"sign","algorithm":A,"secretKey":..,"message":..,"context":..}
        -> {"id":4,"signature":..}
    {"id":5,"op":"verify","algorithm":A,"publicKey":..,"message":..,"signature":..,"context":..}
        -> {"id":5,"valid":true|false}

A request that cannot be carried out is answered {"id":n,"error":"text"}. The
algorithms are Kyber1024 (round 3), ML-KEM-1024, Dilithium5 (round 3.1) and
ML-DSA-87. The context is optional and only ML-DSA-87 may have one that is not
empty. The seed is optional and only for a key of Dilithium5 or ML-DSA-87. A key of the wrong length is an error; a signature of the wrong length is
just not valid. Secret keys are in the expanded layout of the reference
implementations, which is liboqs's: 3168, 3168, 4864 and 4896 bytes.

dilithium-py signs Dilithium5 deterministically; ML-DSA-87 is signed hedged, as
liboqs does. Python 3.9 or later, with the packages of requirements.txt in a
virtual environment (on Debian: the package python3-venv).
"""

import base64
import json
import sys

from dilithium_py.dilithium import Dilithium5
from dilithium_py.ml_dsa import ML_DSA_87
from kyber_py.kyber import Kyber1024
from kyber_py.ml_kem import ML_KEM_1024

# The lengths of the values, which the libraries check only in part.
KEMS = {
    "Kyber1024": {
        "scheme": Kyber1024,
        "publicKey": 1568,
        "secretKey": 3168,
        "ciphertext": 1568,
    },
    "ML-KEM-1024": {
        "scheme": ML_KEM_1024,
        "publicKey": 1568,
        "secretKey": 3168,
        "ciphertext": 1568,
    },
}
SIGNERS = {
    "Dilithium5": {
        "scheme": Dilithium5,
        "publicKey": 2592,
        "secretKey": 4864,
        "signature": 4595,
        "context": 0,
    },
    "ML-DSA-87": {
        "scheme": ML_DSA_87,
        "publicKey": 2592,
        "secretKey": 4896,
        "signature": 4627,
        "context": 255,
    },
}


def read_bytes(request, name, length=None):
    """The named field of a request as bytes, of the given length if any."""
    value = request.get(name)
    if not isinstance(value, str):
        raise ValueError(f'"{name}" is missing or not a string')
    data = base64.b64decode(value, validate=True)
    if length is not None and len(data) != length:
        raise ValueError(f'"{name}" has {len(data)} bytes instead of {length}')
    return data


def read_context(request, algorithm):
    """The context of a request to sign or to verify, empty if absent."""
    if request.get("context") is None:
        return b""
    context = read_bytes(request, "context")
    if len(context) > algorithm["context"]:
        raise ValueError(f'"context" is longer than {algorithm["context"]} bytes')
    return context


def keypair(algorithm, request):
    scheme = algorithm["scheme"]
    system = scheme.random_bytes
    if request.get("seed") is not None:
        seed = read_bytes(request, "seed", 32)
        scheme.random_bytes = lambda length: seed[:length]
    try:
        public_key, secret_key = scheme.keygen()
    finally:
        scheme.random_bytes = system
    return {"publicKey": public_key, "secretKey": secret_key}


def encapsulate(algorithm, request):
    public_key = read_bytes(request, "publicKey", algorithm["publicKey"])
    shared_secret, ciphertext = algorithm["scheme"].encaps(public_key)
    return {"ciphertext": ciphertext, "sharedSecret": shared_secret}


def decapsulate(algorithm, request):
    secret_key = read_bytes(request, "secretKey", algorithm["secretKey"])
    ciphertext = read_bytes(request, "ciphertext", algorithm["ciphertext"])
    return {"sharedSecret": algorithm["scheme"].decaps(secret_key, ciphertext)}


def sign(algorithm, request):
    secret_key = read_bytes(request, "secretKey", algorithm["secretKey"])
    message = read_bytes(request, "message")
    context = read_context(request, algorithm)
    if algorithm["context"] == 0:
        signature = algorithm["scheme"].sign(secret_key, message)
    else:
        signature = algorithm["scheme"].sign(secret_key, message, ctx=context)
    return {"signature": signature}


def verify(algorithm, request):
    public_key = read_bytes(request, "publicKey", algorithm["publicKey"])
    message = read_bytes(request, "message")
    signature = read_bytes(request, "signature")
    context = read_context(request, algorithm)
    if len(signature) != algorithm["signature"]:
        return {"valid": False}
    if algorithm["context"] == 0:
        valid = algorithm["scheme"].verify(public_key, message, signature)
    else:
        valid = algorithm["scheme"].verify(public_key, message, signature, ctx=context)
    return {"valid": valid}


KEM_OPERATIONS = {
    "keypair": keypair,
    "encapsulate": encapsulate,
    "decapsulate": decapsulate,
}
SIGNER_OPERATIONS = {"keypair": keypair, "sign": sign, "verify": verify}


def perform(request):
    """Carry out a request; the fields of the answer, with bytes as bytes."""
    name, op = request.get("algorithm"), request.get("op")
    if name in KEMS:
        algorithm, operations = KEMS[name], KEM_OPERATIONS
    elif name in SIGNERS:
        algorithm, operations = SIGNERS[name], SIGNER_OPERATIONS
    else:
        raise ValueError(f"unknown algorithm {name!r}")
    if op not in operations:
        raise ValueError(f"no operation {op!r} for {name}")
    return operations[op](algorithm, request)


def handle(line):
    """Answer one line of input. Whatever fails is an error of the request."""
    request_id = None
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise ValueError("the request is not an object")
        request_id = request.get("id")
        answer = {"id": request_id}
        for name, value in perform(request).items():
            if isinstance(value, bytes):
                value = base64.b64encode(value).decode("ascii")
            answer[name] = value
        return answer
    except Exception as error:  # pylint: disable=broad-exception-caught
        return {"id": request_id, "error": str(error) or type(error).__name__}


def main():
    for line in sys.stdin.buffer:
        if line.strip():
            sys.stdout.write(json.dumps(handle(line), separators=(",", ":")) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
