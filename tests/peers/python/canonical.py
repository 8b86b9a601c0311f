"""Canonical JSON by securesystemslib.

canonical.py read         a JSON text a line, in hexadecimal; the answer to each: its canonical form in hexadecimal,
                          or "refused" and why
canonical.py write N SEED N generated documents: the JSON text and its canonical form a line, both in hexadecimal
"""

import json
import random
import sys

from securesystemslib.exceptions import FormatError
from securesystemslib.formats import encode_canonical

REFUSALS = (FormatError, ValueError, RecursionError)
# Of each what tends to be written wrong: what JSON escapes, what only some escape, both planes, and a bit of ASCII.
CHARACTERS = (
    "\"\\/\b\f\n\r\t\0\x01\x1f\x7f\x80\xa0\u2028\u2029\ufeff\ufffd\uffff\ue000\ud7ff\U00010000\U0010ffff😀é"
    "aAzZ019 _-.:{}[],"
)
EDGES = [0, 1, -1, 9, 2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)]


def canonical(text: bytes) -> bytes:
    return encode_canonical(json.loads(text.decode("utf-8"))).encode("utf-8")


def read() -> None:
    for line in sys.stdin:
        try:
            answer = canonical(bytes.fromhex(line)).hex()
        except REFUSALS as error:
            answer = f"refused {type(error).__name__}"
        print(answer, flush=True)


def text(chance: random.Random) -> str:
    return "".join(chance.choice(CHARACTERS) for _ in range(chance.randrange(12)))


def document(chance: random.Random, depth: int) -> object:
    kind = chance.randrange(8 if depth else 5)
    if kind == 0:
        return chance.choice([None, True, False])
    if kind in (1, 2):
        return chance.choice([*EDGES, chance.getrandbits(62), -chance.getrandbits(20)])
    if kind in (3, 4):
        return text(chance)
    if kind == 5:
        return [document(chance, depth - 1) for _ in range(chance.randrange(5))]
    return {text(chance): document(chance, depth - 1) for _ in range(chance.randrange(8))}


def write(count: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(count):
        value = document(chance, 6)
        indent = chance.choice([None, 1])
        written = json.dumps(value, ensure_ascii=chance.random() < 0.5, indent=indent)
        print(written.encode("utf-8").hex() or "-", encode_canonical(value).encode("utf-8").hex())


if __name__ == "__main__":
    if sys.argv[1] == "read":
        read()
    else:
        write(int(sys.argv[2]), int(sys.argv[3]))
