"""The tree over the ballots: every leaf has a proof, and nothing else has."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.rounds.life import merkle

LEAVES = st.lists(st.binary(max_size=8), min_size=1, max_size=40).map(
    lambda contents: [merkle.leaf(content) for content in contents]
)


def by_the_book(leaves: list[str]) -> str:
    """Return the root exactly as RFC 6962, 2.1 writes it down."""
    if not leaves:
        return sha256(b"").hexdigest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    halves = by_the_book(leaves[:k]), by_the_book(leaves[k:])
    return sha256(b"\x01" + b"".join(bytes.fromhex(half) for half in halves)).hexdigest()


@given(LEAVES)
def test_the_root_is_that_of_rfc_6962(leaves):
    assert merkle.root(leaves) == by_the_book(leaves)


def test_known_roots_of_certificate_transparency():
    """The leaves and roots that implementations of RFC 6962 share as test vectors."""
    contents = ("", "00", "10", "2021", "3031", "40414243")
    leaves = [merkle.leaf(bytes.fromhex(content)) for content in contents]
    assert merkle.root([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root(leaves[:1]) == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert merkle.root(leaves[:2]) == (
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    )
    assert merkle.root(leaves) == (
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"
    )


@given(LEAVES, st.data())
def test_every_leaf_has_a_proof_of_the_length_of_the_tree(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = merkle.path(leaves, index)
    assert len(proof) <= (len(leaves) - 1).bit_length()
    assert merkle.is_under(leaves[index], index, len(leaves), proof, merkle.root(leaves))


@given(LEAVES, st.data())
def test_no_other_leaf_place_size_path_or_root_passes(leaves, data):
    """Negative control: one change anywhere and the proof is none."""
    index = data.draw(st.integers(0, len(leaves) - 1))
    mine, size, root = leaves[index], len(leaves), merkle.root(leaves)
    proof = merkle.path(leaves, index)
    other = merkle.leaf(b"not among them, far too long")
    assert not merkle.is_under(other, index, size, proof, root)
    assert not merkle.is_under(mine, index, size, proof, other)
    assert not merkle.is_under(mine, index, size, (*proof, other), root)
    assert not merkle.is_under(mine, size, size, proof, root)
    assert not merkle.is_under(mine, -1, size, proof, root)
    if proof:
        assert not merkle.is_under(mine, index, size, proof[:-1], root)
        at = data.draw(st.integers(0, len(proof) - 1))
        bent = (*proof[:at], other, *proof[at + 1 :])
        assert not merkle.is_under(mine, index, size, bent, root)


def test_a_node_does_not_pass_for_a_leaf():
    """The root over two leaves is no leaf of a tree whose content is both of them."""
    pair = [merkle.leaf(b"a"), merkle.leaf(b"b")]
    assert merkle.leaf(b"".join(map(bytes.fromhex, pair))) != merkle.root(pair)


def test_a_leaf_that_is_not_there_has_no_proof():
    with pytest.raises(IndexError):
        merkle.path(["00" * 32], 1)
